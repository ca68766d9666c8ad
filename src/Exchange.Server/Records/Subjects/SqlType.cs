using System.Diagnostics;
using Exchange.Policy.Conditions;

namespace Exchange.Server.Records.Subjects;

/// <summary>A column type of the subject tables: a closed list, so that it may be written into SQL as it is.</summary>
internal sealed class SqlType
{
    /// <summary>Search lexemes.</summary>
    public static readonly SqlType Lexemes = new("tsvector", "tsvector");

    /// <summary>Degrees of a POINT.</summary>
    public static readonly SqlType Degrees = new("double precision", "double precision");

    private static readonly SqlType Text = new("text COLLATE \"C\"", "text");
    private static readonly SqlType Integer = new("bigint", "bigint");
    private static readonly SqlType Decimal = new("numeric", "numeric");
    private static readonly SqlType Boolean = new("boolean", "boolean");
    private static readonly SqlType Date = new("date", "date");
    private static readonly SqlType Timestamp = new("timestamptz", "timestamp with time zone");
    private static readonly SqlType TextList = new("text[] COLLATE \"C\"", "text[]");

    private SqlType(string definition, string catalogName)
    {
        Definition = definition;
        CatalogName = catalogName;
    }

    /// <summary>As DDL has it.</summary>
    public string Definition { get; }

    /// <summary>As `format_type` tells it.</summary>
    public string CatalogName { get; }

    /// <summary>Type of a field's column, or of each of the two.</summary>
    public static SqlType Of(SubjectColumn column) => column.Longitude is null ? Of(column.Field.Type) : Degrees;

    /// <summary>Type of the columns of a field that is not a POINT.</summary>
    public static SqlType Of(FieldType type) => type switch
    {
        FieldType.Text or FieldType.Code => Text,
        FieldType.Integer => Integer,
        FieldType.Decimal => Decimal,
        FieldType.Boolean => Boolean,
        FieldType.Date => Date,
        FieldType.Timestamp => Timestamp,
        FieldType.TextList => TextList,
        _ => throw new UnreachableException($"field type {type}"),
    };
}
