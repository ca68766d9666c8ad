namespace Exchange.Policy.Decisions;

/// <summary>What a rule does when its condition holds. The default is deny.</summary>
public enum Effect
{
    /// <summary>Refuses, whatever else allows.</summary>
    Deny = 0,

    /// <summary>Permits, unless something denies.</summary>
    Allow = 1,
}
