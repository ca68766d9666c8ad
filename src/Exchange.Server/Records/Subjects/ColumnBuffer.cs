using System.Diagnostics;
using System.Text;
using Exchange.Policy.Conditions;
using Npgsql;
using NpgsqlTypes;

namespace Exchange.Server.Records.Subjects;

/// <summary>
/// One column of many rows on its way into the database as an array parameter. Typed, so that no value is boxed.
/// </summary>
internal abstract class ColumnBuffer
{
    /// <summary>True when the array's items are texts of a `text[]`: SQL has no arrays of arrays of different lengths.</summary>
    public virtual bool IsArrayLiteral => false;

    /// <summary>A buffer for a field's column, or for the second of its two.</summary>
    public static ColumnBuffer Of(FieldType type, bool isSecond = false) => type switch
    {
        FieldType.Code when isSecond => new Values<string?>(NpgsqlDbType.Text, static (in value) => value.Sourced?.Source),
        FieldType.Text or FieldType.Code => new Values<string?>(NpgsqlDbType.Text, static (in value) => value.AsText),
        FieldType.Integer => new Values<long?>(NpgsqlDbType.Bigint, static (in value) => value.AsInteger),
        FieldType.Decimal => new Values<decimal?>(NpgsqlDbType.Numeric, static (in value) => value.AsDecimal),
        FieldType.Boolean => new Values<bool?>(NpgsqlDbType.Boolean, static (in value) => value.AsBoolean),
        FieldType.Date => new Values<int?>(NpgsqlDbType.Date, static (in value) => SqlValue.ToSqlDate(value.AsDate)),
        FieldType.Timestamp => new Values<long?>(NpgsqlDbType.TimestampTz, static (in value) => SqlValue.ToSqlTimestamp(value.AsTimestamp)),
        FieldType.TextList => new Lists(),
        FieldType.Point when isSecond => new Values<double?>(NpgsqlDbType.Double, static (in value) => value.AsPoint.Longitude),
        FieldType.Point => new Values<double?>(NpgsqlDbType.Double, static (in value) => value.AsPoint.Latitude),
        _ => throw new UnreachableException($"field type {type}"),
    };

    /// <summary>Adds the next row's value.</summary>
    public abstract void Add(in FieldValue value);

    /// <summary>The rows so far as a parameter.</summary>
    public abstract NpgsqlParameter ToParameter();

    private sealed class Values<T>(NpgsqlDbType type, Values<T>.Convert convert) : ColumnBuffer
    {
        private readonly List<T?> items = [];

        public delegate T Convert(in FieldValue value);

        public override void Add(in FieldValue value) => items.Add(value.IsMissing ? default : convert(value));

        public override NpgsqlParameter ToParameter() => SqlValue.Parameter(items, NpgsqlDbType.Array | type);
    }

    private sealed class Lists : ColumnBuffer
    {
        private readonly List<string?> items = [];
        private readonly StringBuilder literal = new();

        public override bool IsArrayLiteral => true;

        public override void Add(in FieldValue value) => items.Add(value.IsMissing ? null : Literal(value.AsTextList));

        public override NpgsqlParameter ToParameter() => SqlValue.Parameter(items, NpgsqlDbType.Array | NpgsqlDbType.Text);

        private string Literal(string[] values)
        {
            literal.Clear().Append('{');
            foreach (var value in values)
            {
                literal.Append(literal.Length is 1 ? "\"" : ",\"");
                foreach (var unit in value)
                {
                    _ = unit is '"' or '\\' ? literal.Append('\\').Append(unit) : literal.Append(unit);
                }

                literal.Append('"');
            }

            return literal.Append('}').ToString();
        }
    }
}
