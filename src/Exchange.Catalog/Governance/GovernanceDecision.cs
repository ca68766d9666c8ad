using System.Collections.Immutable;

namespace Exchange.Catalog.Governance;

/// <summary>What a governance command came to.</summary>
/// <param name="Value">The thing as it stands afterwards.</param>
/// <param name="Events">The facts to store, in their order; none when nothing changes.</param>
public readonly record struct GovernanceDecision<T>(T Value, ImmutableArray<GovernanceEvent> Events)
    where T : notnull
{
    /// <summary>A decision of one fact, or of none.</summary>
    public GovernanceDecision(T value, GovernanceEvent? happened)
        : this(value, happened is null ? [] : [happened])
    {
    }

    /// <summary>The first fact; null when nothing changes.</summary>
    public GovernanceEvent? Event => Events is [var first, ..] ? first : null;
}
