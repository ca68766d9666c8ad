namespace Exchange.Policy.Language;

/// <summary>How the effects of the matching rules make one answer: Casbin's `[policy_effect]` expressions.</summary>
public enum PolicyEffect
{
    /// <summary>`some(where (p.eft == allow))`: allowed when a matching rule allows.</summary>
    AllowOverride,

    /// <summary>`!some(where (p.eft == deny))`: allowed unless a matching rule denies.</summary>
    DenyOverride,

    /// <summary>`some(where (p.eft == allow)) &amp;&amp; !some(where (p.eft == deny))`: allowed when one allows and none denies.</summary>
    AllowAndDeny,

    /// <summary>`priority(p.eft) || deny`: the first matching rule that allows or denies.</summary>
    Priority,

    /// <summary>`subjectPriority(p.eft) || deny`: as priority, the rules of subjects deeper in the role tree first.</summary>
    SubjectPriority,
}
