namespace Exchange.Catalog;

/// <summary>What a field means to the access rules; numbers as in the proto.</summary>
public enum FieldRole
{
    /// <summary>Nothing special.</summary>
    Unspecified = 0,

    /// <summary>Tells about a person; hidden when the record is confidential.</summary>
    Person = 1,

    /// <summary>BOOLEAN that makes a record confidential (保密) when true; only tightened except by its owner.</summary>
    ConfidentialityFlag = 2,
}
