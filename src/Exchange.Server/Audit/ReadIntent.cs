using Exchange.Catalog;

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

    /// <summary>The filter as it was written. Kept as a keyed hash only: it may hold personal data.</summary>
    public string Filter { get; init; } = "";

    /// <summary>For reads of one record, its id.</summary>
    public RecordId? Record { get; init; }

    /// <summary>Governance position the read was decided under.</summary>
    public required long GovernancePosition { get; init; }
}
