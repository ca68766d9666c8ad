using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.EventStore;

namespace Exchange.Server.Audit;

/// <summary>Which entries of the trail somebody asks for, and how much of them it may see. What is left out selects all.</summary>
internal sealed record AuditQuery
{
    /// <summary>Only reads of this department.</summary>
    public DepartmentId? Department { get; init; }

    /// <summary>Only reads of fields that this department owned.</summary>
    public Department? Owner { get; init; }

    /// <summary>Who sees its own department's reads as they are, and of others only what concerns its fields; null sees all.</summary>
    public Department? Viewer { get; init; }

    /// <summary>Only reads of this resource.</summary>
    public ResourceId? Resource { get; init; }

    /// <summary>Only reads of this field; empty for all.</summary>
    public string Field { get; init; } = "";

    /// <summary>Only this client's; empty for all.</summary>
    public string Client { get; init; } = "";

    /// <summary>Only reads for this purpose; unspecified for all.</summary>
    public Purpose Purpose { get; init; }

    /// <summary>Only reads that began at this time or later.</summary>
    public DateTimeOffset? StartTime { get; init; }

    /// <summary>Only reads that began before this time.</summary>
    public DateTimeOffset? EndTime { get; init; }

    /// <summary>Only this action, as <see cref="AuditedRead.Action"/> tells it; empty for all.</summary>
    public string Action { get; init; } = "";

    /// <summary>Only reads that ended with this status name; empty for all.</summary>
    public string Outcome { get; init; } = "";

    /// <summary>Only reads without an outcome.</summary>
    public bool IsUnfinished { get; init; }

    /// <summary>True when the outcomes tell which entries are wanted.</summary>
    public bool AsksForOutcomes => Owner is not null || Viewer is not null || Outcome.Length > 0 || IsUnfinished;

    /// <summary>The entry that this event begins, its outcome still missing; null when it is not wanted whatever that is.</summary>
    public AuditedRead? Begin(StoredEvent stored)
    {
        if ((Department is { } department && stored.Caller != department.Value) || (Client.Length > 0 && stored.Client != Client))
        {
            return null;
        }

        return AuditedRead.Of(stored) is { } read
            && (Resource is not { } resource || read.Resource == resource.Value)
            && (Purpose is Purpose.Unspecified || read.Purpose == (int)Purpose)
            && (Action.Length is 0 || read.Action == Action)
            && (Field.Length is 0 || read.Fields.Contains(Field))
            ? read
            : null;
    }

    /// <summary>As much of the entry as may be seen, once its outcome stands in it; null when it is not wanted.</summary>
    public AuditedRead? End(AuditedRead read, GovernanceState state)
    {
        if ((Outcome.Length > 0 && read.Outcome != Outcome) || (IsUnfinished && read.Outcome.Length > 0))
        {
            return null;
        }

        var isForeign = Viewer is not null && read.Stored.Caller != Viewer.Id.Value;
        if ((isForeign ? Viewer : Owner) is not { } owner)
        {
            return read;
        }

        // INVARIANT: what is asked of the fields of another department's read is asked of those that are shown.
        var fields = read.FieldsOf(owner, state);
        return fields.IsEmpty || (Field.Length > 0 && !fields.Contains(Field)) ? null
            : isForeign ? read.ForOwner(owner.Id, fields, state.LastResource(new ResourceId(read.Resource))!)
            : read;
    }
}
