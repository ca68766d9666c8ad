namespace Exchange.Policy.Language;

/// <summary>What a rule says when it matches: its `eft` column. The default is deny.</summary>
public enum RuleEffect
{
    /// <summary>`deny`.</summary>
    Deny = 0,

    /// <summary>`allow`; also a rule without an `eft`.</summary>
    Allow = 1,

    /// <summary>Neither: an `eft` that is not `allow` or `deny`. Such a rule decides nothing.</summary>
    Indeterminate = 2,
}
