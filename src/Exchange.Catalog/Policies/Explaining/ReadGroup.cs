using System.Collections.Immutable;
using Exchange.Catalog.Access;

namespace Exchange.Catalog.Policies;

/// <summary>Reads that were alike.</summary>
public sealed record ReadGroup
{
    /// <summary>Who read: its machines, for nobody else reads records.</summary>
    public required DepartmentId Department { get; init; }

    /// <summary>Of which resource.</summary>
    public required ResourceId Resource { get; init; }

    /// <summary>How: pull, follow, get or history.</summary>
    public required PlanAction Action { get; init; }

    /// <summary>Why.</summary>
    public required Purpose Purpose { get; init; }

    /// <summary>Which fields were read; of refused reads those they were refused for, none when they asked for all.</summary>
    public required ImmutableArray<string> Fields { get; init; }

    /// <summary>True when they were refused for their fields.</summary>
    public bool IsRefused { get; init; }

    /// <summary>True when only some owner's fields are told of what was read.</summary>
    public bool IsOwnerView { get; init; }

    /// <summary>How many there were.</summary>
    public int Count { get; internal set; }

    /// <summary>When the first began.</summary>
    public DateTimeOffset FirstTime { get; internal set; }

    /// <summary>When the last began.</summary>
    public DateTimeOffset LastTime { get; internal set; }
}
