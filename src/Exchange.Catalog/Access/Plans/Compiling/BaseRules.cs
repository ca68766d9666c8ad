using Exchange.Policy.Language;

namespace Exchange.Catalog.Access;

/// <summary>Ids of the base rules (DESIGN section 7). The rules themselves stand in hub-policies.csv.</summary>
public static class BaseRules
{
    /// <summary>Only department systems read and push records: operators, stewards and auditors do not.</summary>
    public const string DepartmentSystemsOnly = "base/department-systems-only";

    /// <summary>The owner of a field of a record reads it without a mask.</summary>
    public const string OwnerReadsOwn = "base/owner-reads-own";

    /// <summary>What its owner shares unconditionally, every department reads, through the owner's mask.</summary>
    public const string Unconditional = "base/unconditional";

    /// <summary>What its owner shares conditionally, a department reads that has an active grant of the owner for the field and purpose.</summary>
    public const string ConditionalGrant = "base/conditional-grant";

    /// <summary>What its owner does not share, nobody else reads, whatever grants there are.</summary>
    public const string NotShared = "base/not-shared";

    /// <summary>Fields about a person in a confidential record are for its opener alone, also against their owner.</summary>
    public const string ConfidentialPerson = "base/confidential-person";

    /// <summary>The owner of a field of a record writes it.</summary>
    public const string OwnerWritesOwn = "base/owner-writes-own";

    /// <summary>Every other department proposes values to the owner.</summary>
    public const string OthersPropose = "base/others-propose";

    /// <summary>What nothing allows is denied.</summary>
    public const string DefaultDeny = "base/default-deny";

    /// <summary>The reason that a row's rule gives, one of <see cref="PlanReason"/>.</summary>
    internal static string ReasonOf(PolicyRow row) => row.Id.Value switch
    {
        DepartmentSystemsOnly => PlanReason.Role,
        OwnerReadsOwn or OwnerWritesOwn => PlanReason.Owner,
        OthersPropose => PlanReason.NotOwner,
        Unconditional => PlanReason.Unconditional,
        ConditionalGrant => PlanReason.Granted,
        NotShared => PlanReason.NotShared,
        ConfidentialPerson => PlanReason.Confidential,
        _ => row.Effect is RuleEffect.Allow ? PlanReason.Permitted : PlanReason.Forbidden,
    };
}
