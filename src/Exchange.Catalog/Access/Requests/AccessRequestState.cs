namespace Exchange.Catalog;

/// <summary>Where an access request or one of its parts stands; numbers as in the proto.</summary>
public enum AccessRequestState
{
    /// <summary>Not used.</summary>
    Unspecified = 0,

    /// <summary>草稿.</summary>
    Draft = 1,

    /// <summary>规范性审查: waits for the sharing authority.</summary>
    ConformityCheck = 3,

    /// <summary>待审核: waits for the owner.</summary>
    OwnerReview = 4,

    /// <summary>补充材料: waits for the requester's answer.</summary>
    SupplementNeeded = 5,

    /// <summary>已同意: a grant is offered; waits for the requester's acceptance.</summary>
    Approved = 6,

    /// <summary>待开通: accepted; the grant's start lies ahead.</summary>
    Provisioning = 7,

    /// <summary>使用中.</summary>
    Active = 8,

    /// <summary>退回.</summary>
    Rejected = 9,

    /// <summary>撤回.</summary>
    Withdrawn = 10,

    /// <summary>转交.</summary>
    HandedOver = 11,

    /// <summary>失效: the grant is at its end.</summary>
    Expired = 12,

    /// <summary>收回: the grant was revoked.</summary>
    Revoked = 13,
}
