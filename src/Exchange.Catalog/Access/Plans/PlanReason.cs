namespace Exchange.Catalog.Access;

/// <summary>Why a rule of a plan allows or denies: stable UPPER_SNAKE words.</summary>
public static class PlanReason
{
    /// <summary>The caller owns the field of the record.</summary>
    public const string Owner = "OWNER";

    /// <summary>The caller does not own the field of the record: it proposes, and does not write.</summary>
    public const string NotOwner = "NOT_OWNER";

    /// <summary>Its owner shares it unconditionally.</summary>
    public const string Unconditional = "UNCONDITIONAL";

    /// <summary>Its owner gave a grant for this purpose.</summary>
    public const string Granted = "GRANTED";

    /// <summary>It is shared conditionally, and no grant for this purpose covers the row.</summary>
    public const string GrantRequired = "GRANT_REQUIRED";

    /// <summary>Its owner does not share it.</summary>
    public const string NotShared = "NOT_SHARED";

    /// <summary>It tells about a person and the record is confidential.</summary>
    public const string Confidential = "CONFIDENTIAL";

    /// <summary>A policy row that a steward or the operator set permits it.</summary>
    public const string Permitted = "PERMITTED";

    /// <summary>A policy row that a steward or the operator set forbids it.</summary>
    public const string Forbidden = "FORBIDDEN";

    /// <summary>The caller's role reads and pushes no records.</summary>
    public const string Role = "ROLE_REQUIRED";

    /// <summary>A rule could not be evaluated.</summary>
    public const string RuleFailed = "RULE_FAILED";

    /// <summary>Nothing allows it.</summary>
    public const string DefaultDeny = "DEFAULT_DENY";
}
