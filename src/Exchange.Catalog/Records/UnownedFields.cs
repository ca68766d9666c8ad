namespace Exchange.Catalog.Records;

/// <summary>What to do with values of fields the caller does not own; numbers as in the proto.</summary>
public enum UnownedFields
{
    /// <summary>As <see cref="Reject"/>.</summary>
    Unspecified = 0,

    /// <summary>Reject the record with FIELD_NOT_OWNED for each such field.</summary>
    Reject = 1,

    /// <summary>Store them as proposals to the owner (校核); the owned fields are written.</summary>
    Propose = 2,
}
