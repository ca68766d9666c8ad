namespace Exchange.Catalog;

/// <summary>How one field of a department's records is shared.</summary>
public sealed record SharingEntry
{
    /// <summary>Number of the field.</summary>
    public required int FieldNumber { get; init; }

    /// <summary>Level.</summary>
    public required Level Level { get; init; }

    /// <summary>Sharing class.</summary>
    public required SharingClass SharingClass { get; init; }

    /// <summary>Open class.</summary>
    public required OpenClass OpenClass { get; init; }

    /// <summary>Conditions and basis of the classes.</summary>
    public SharingTerms Terms { get; init; } = SharingTerms.None;

    /// <summary>Way of sharing; unspecified takes the resource's.</summary>
    public SharingMode SharingMode { get; init; }

    /// <summary>Update cycle.</summary>
    public UpdateCycle UpdateCycle { get; init; }

    /// <summary>Mask for permitted readers who are not the owner; unspecified takes the resource's.</summary>
    public Mask Mask { get; init; }
}
