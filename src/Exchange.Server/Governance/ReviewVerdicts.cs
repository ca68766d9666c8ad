using Exchange.Catalog;
using Exchange.Protos.V1;

namespace Exchange.Server.Governance;

/// <summary>Reads verdicts of reviews.</summary>
internal static class ReviewVerdicts
{
    /// <summary>True for an approval, false for a rejection.</summary>
    public static Result<bool> IsApproval(ReviewVerdict verdict) => verdict switch
    {
        ReviewVerdict.Approve => true,
        ReviewVerdict.Reject => false,
        _ => Refusal.Invalid("verdict", "REQUIRED", "give APPROVE or REJECT"),
    };
}
