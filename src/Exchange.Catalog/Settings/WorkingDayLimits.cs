namespace Exchange.Catalog;

/// <summary>Limits in working days, 1 to <see cref="Longest"/> each.</summary>
/// <param name="ConformityCheck">For the sharing authority's check.</param>
/// <param name="OwnerReview">For an owner's answer to a request.</param>
/// <param name="Supplement">For a requester's answer to a question.</param>
/// <param name="Acceptance">For a reader's acceptance of an offered grant.</param>
/// <param name="ProposalReply">For an owner's answer to a proposal or dispute.</param>
/// <param name="NearDue">So many days before its end a limit is near.</param>
/// <param name="RenewalWindow">So many days before its end a grant's renewal may be asked for.</param>
public sealed record WorkingDayLimits(int ConformityCheck, int OwnerReview, int Supplement, int Acceptance, int ProposalReply, int NearDue, int RenewalWindow)
{
    /// <summary>Longest limit: about a year.</summary>
    public const int Longest = 250;

    /// <summary>Those of the 政务数据共享条例 where it names one.</summary>
    public static WorkingDayLimits Default { get; } = new(
        ConformityCheck: 2, OwnerReview: 10, Supplement: 10, Acceptance: 20, ProposalReply: 10, NearDue: 2, RenewalWindow: 10);

    /// <summary>The limits with the names that messages give them.</summary>
    public IEnumerable<(string Name, int Days)> All =>
    [
        ("conformity_check", ConformityCheck), ("owner_review", OwnerReview), ("supplement", Supplement), ("acceptance", Acceptance),
        ("proposal_reply", ProposalReply), ("near_due", NearDue), ("renewal_window", RenewalWindow),
    ];
}
