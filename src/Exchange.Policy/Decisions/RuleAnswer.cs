namespace Exchange.Policy.Decisions;

/// <summary>What one rule said.</summary>
public readonly record struct RuleAnswer(string RuleId, RuleOutcome Outcome);

/// <summary>What a rule can say.</summary>
public enum RuleOutcome
{
    /// <summary>Its condition does not hold: it says nothing.</summary>
    NotApplicable = 0,

    /// <summary>It permits.</summary>
    Allow = 1,

    /// <summary>It refuses.</summary>
    Deny = 2,

    /// <summary>It could not be evaluated, which refuses.</summary>
    Failed = 3,
}
