namespace Exchange.Policy.Conditions;

/// <summary>Types a field can have. Numbers are those of the public contract.</summary>
public enum FieldType
{
    /// <summary>No type: the type of a missing value.</summary>
    Unspecified = 0,

    /// <summary>Text.</summary>
    Text = 1,

    /// <summary>Signed integer of 64 bits.</summary>
    Integer = 2,

    /// <summary>Decimal number of at most 28 significant digits.</summary>
    Decimal = 3,

    /// <summary>True or false.</summary>
    Boolean = 4,

    /// <summary>Calendar date, in days since 1970-01-01.</summary>
    Date = 5,

    /// <summary>Instant, in microseconds since 1970-01-01T00:00:00Z.</summary>
    Timestamp = 6,

    /// <summary>Code of a code list.</summary>
    Code = 7,

    /// <summary>List of texts in the writer's order.</summary>
    TextList = 8,

    /// <summary>Point on earth, WGS 84.</summary>
    Point = 9,
}
