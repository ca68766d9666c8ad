using System.Collections.Immutable;

namespace Exchange.Catalog.Governance;

/// <summary>
/// Facts that a steward or the operator decided and that happen once a second steward of the owner approves, or a second operator. Compares its lists by reference:
/// compare ids instead.
/// </summary>
public sealed record PendingChange
{
    /// <summary>Its id.</summary>
    public required PendingChangeId Id { get; init; }

    /// <summary>The department that owns the fields, whose second steward it waits for; the operator's own where <see cref="IsHubs"/>.</summary>
    public required DepartmentId Department { get; init; }

    /// <summary>Who decided it.</summary>
    public required ClientId Author { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The fields of level 3 and 4 that it is about, or all of a grant of the operator that has none; sorted.</summary>
    public required ImmutableArray<(ResourceId Resource, string Field)> Fields { get; init; }

    /// <summary>What happens, in its order, at least one.</summary>
    public required ImmutableArray<GovernanceEvent> Events { get; init; }

    /// <summary>True for a policy row for all departments, which no department's steward decides: it waits for a second operator.</summary>
    public bool IsHubs => Events.OfType<GovernanceEvent.PolicyRowSet>().Select(happened => happened.Row).Concat(Bases.OfType<PolicyRow>()).Any(row => row.Department is null);

    /// <summary>What it was decided on, as it stood then: see <see cref="FourEyes"/>. Not stored, for the log tells it.</summary>
    internal ImmutableArray<object?> Bases { get; init; } = [];
}
