using System.Collections.Immutable;
using Exchange.Catalog;
using Exchange.Policy.Masks;

namespace Exchange.Server.Audit;

/// <summary>What somebody is about to read.</summary>
internal sealed record ReadIntent
{
    /// <summary>Who.</summary>
    public required Caller Caller { get; init; }

    /// <summary>One of <see cref="ReadActions"/>.</summary>
    public required string Action { get; init; }

    /// <summary>Resource id; of a refused read as asked for, empty when there is no such resource.</summary>
    public required string Resource { get; init; }

    /// <summary>Why.</summary>
    public required Purpose Purpose { get; init; }

    /// <summary>Names of the fields that are read; of a refused read those it was refused for.</summary>
    public IReadOnlyList<string> Fields { get; init; } = [];

    /// <summary>Names of the fields of these that a mask stands on in some row.</summary>
    public IReadOnlyList<string> MaskedFields { get; init; } = [];

    /// <summary>For each of <see cref="MaskedFields"/> which masks may stand on it.</summary>
    public IReadOnlyList<(string Field, ImmutableArray<Mask> Masks)> Masks { get; init; } = [];

    /// <summary>Field that a pull is ordered by, with ` desc` behind where the order falls; empty for the hub's own order.</summary>
    public string OrderBy { get; init; } = "";

    /// <summary>The filter as it was written. Kept as a keyed hash only: it may hold personal data.</summary>
    public string Filter { get; init; } = "";

    /// <summary>For reads of one record, its id.</summary>
    public RecordId? Record { get; init; }

    /// <summary>For an explanation, the department whose reading is explained; null otherwise.</summary>
    public DepartmentId? ExplainedDepartment { get; init; }

    /// <summary>Position that a record is read as of; null when none was asked for.</summary>
    public long? AsOfPosition { get; init; }

    /// <summary>Time that a record is read as of; null when none was asked for.</summary>
    public DateTimeOffset? AsOfTime { get; init; }

    /// <summary>Where a pull or follow begins, by partition: the checkpoint that its reader is told.</summary>
    public IReadOnlyDictionary<int, long> Positions { get; init; } = ImmutableDictionary<int, long>.Empty;

    /// <summary>Governance position the read was decided under.</summary>
    public required long GovernancePosition { get; init; }
}
