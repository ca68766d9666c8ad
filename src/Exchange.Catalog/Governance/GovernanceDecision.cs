namespace Exchange.Catalog.Governance;

/// <summary>What a governance command came to.</summary>
/// <param name="Value">The thing as it stands afterwards.</param>
/// <param name="Event">The fact to store; null when nothing changes.</param>
public readonly record struct GovernanceDecision<T>(T Value, GovernanceEvent? Event)
    where T : notnull;
