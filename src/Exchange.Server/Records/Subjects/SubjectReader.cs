using System.Diagnostics;
using Exchange.Policy.Conditions;
using Npgsql;

namespace Exchange.Server.Records.Subjects;

/// <summary>Reads columns of subject tables as field values, with the getter of their type: nothing is boxed.</summary>
internal static class SubjectReader
{
    /// <summary>How many columns of a result an attribute of this type takes in conditions.</summary>
    public static int Width(FieldType type) => type is FieldType.Point ? 2 : 1;

    /// <summary>The value at this ordinal; missing for NULL. One of two columns stands at this ordinal and the next.</summary>
    public static FieldValue Read(NpgsqlDataReader reader, int ordinal, SubjectColumn column)
    {
        var type = column.Field.Type;
        if (reader.IsDBNull(ordinal))
        {
            return default;
        }

        return type switch
        {
            FieldType.Text => FieldValue.Text(reader.GetString(ordinal)),
            FieldType.Code when column.IsSourced && !reader.IsDBNull(ordinal + 1) => FieldValue.Code(SourcedCode.Of(reader.GetString(ordinal), reader.GetString(ordinal + 1))),
            FieldType.Code => FieldValue.Code(reader.GetString(ordinal)),
            FieldType.Integer => FieldValue.Integer(reader.GetInt64(ordinal)),
            FieldType.Decimal => FieldValue.Decimal(reader.GetDecimal(ordinal)),
            FieldType.Boolean => FieldValue.Boolean(reader.GetBoolean(ordinal)),
            FieldType.Date => FieldValue.Date(SqlValue.FromSqlDate(reader.GetFieldValue<int>(ordinal))),
            FieldType.Timestamp => FieldValue.Timestamp(ReadTimestamp(reader, ordinal)),
            FieldType.TextList => FieldValue.TextList(reader.GetFieldValue<string[]>(ordinal)),
            FieldType.Point => FieldValue.Point(reader.GetDouble(ordinal), reader.GetDouble(ordinal + 1)),
            _ => throw new UnreachableException($"field type {type}"),
        };
    }

    /// <summary>A timestamp in microseconds since 1970.</summary>
    public static long ReadTimestamp(NpgsqlDataReader reader, int ordinal) => SqlValue.FromSqlTimestamp(reader.GetFieldValue<long>(ordinal));
}
