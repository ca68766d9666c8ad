namespace Exchange.Catalog.Records;

/// <summary>What decides whether the caller of a push owns a field.</summary>
internal enum Ownership
{
    /// <summary>The field belongs to another department, whatever the record.</summary>
    Never,

    /// <summary>The field belongs to the caller, whatever the record.</summary>
    Always,

    /// <summary>It belongs to the opener of the record.</summary>
    Opener,

    /// <summary>It belongs to the department named in another field of the record.</summary>
    Named,
}
