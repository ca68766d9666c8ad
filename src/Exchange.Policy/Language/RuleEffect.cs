namespace Exchange.Policy.Language;

/// <summary>What a rule says when it matches: its `eft` column.</summary>
public enum RuleEffect
{
    /// <summary>Neither: an `eft` that is not `allow` or `deny`. Such a rule decides nothing.</summary>
    Indeterminate,

    /// <summary>`allow`; also a rule without an `eft`.</summary>
    Allow,

    /// <summary>`deny`.</summary>
    Deny,
}
