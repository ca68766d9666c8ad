using Exchange.Protos.V1;
using Google.Protobuf;
using static Exchange.Server.Tests.Matrix.MatrixCity;

namespace Exchange.Server.Tests.Matrix;

/// <summary>Grants, access requests and the inbox. Stale etags, and states in which a step is not to be made, prove a right without using it.</summary>
internal static class AccessRows
{
    private const string Hidden = "NO_ACCESS_REQUEST";

    //                                  operator auditor | stewards: owner reader stranger authority supervision | systems: owner reader stranger
    public static MatrixRow[] All { get; } =
    [
        new("AccessService.CreateGrant", "the owner's to give", _ => new CreateGrantRequest { Parent = "departments/owner", Grant = Offer }, "OK ROLE | OK OWN OWN OWN OWN | ROLE ROLE ROLE"),
        new("AccessService.AcceptGrant", "the reader's to accept, again", city => new AcceptGrantRequest { Name = city.Grant, AgreementVersion = 1 },
            "ROLE ROLE | OWN OK NO_GRANT NO_GRANT NO_GRANT | ROLE ROLE ROLE", city => new AcceptGrantRequest { Name = city.NoGrant, AgreementVersion = 1 }),
        new("AccessService.DeclineGrant", "the reader's to decline, too late", city => new DeclineGrantRequest { Name = city.Grant, Reason = "a test" },
            "ROLE ROLE | OWN STATE NO_GRANT NO_GRANT NO_GRANT | ROLE ROLE ROLE", city => new DeclineGrantRequest { Name = city.NoGrant, Reason = "a test" }),
        new("AccessService.RevokeGrant", "the owner's to revoke, again", city => new RevokeGrantRequest { Name = city.RevokedGrant, Reason = "a test" }, "OK ROLE | OK OWN OWN OWN OWN | ROLE ROLE ROLE"),
        new("AccessService.RequestGrantRenewal", "the reader's to ask for, of one that is not renewed", city => new RequestGrantRenewalRequest { Name = city.Grant },
            "ROLE ROLE | OWN STATE NO_GRANT NO_GRANT NO_GRANT | ROLE ROLE ROLE", city => new RequestGrantRenewalRequest { Name = city.NoGrant }),
        new("AccessService.ReviewGrantRenewal", "the owner's to decide, when nobody asked", city => new ReviewGrantRenewalRequest { Name = city.Grant, Verdict = ReviewVerdict.Approve },
            "STATE ROLE | STATE OWN OWN OWN OWN | ROLE ROLE ROLE"),
        new("AccessService.ListGrants", "of the owner", _ => new ListGrantsRequest { Parent = "departments/owner" }, "OK OK | OK OWN OWN OWN OWN | OK OWN OWN"),
        new("AccessService.ListGrants", "received by the reader", _ => new ListGrantsRequest { Parent = "departments/reader", Received = true }, "OK OK | OWN OK OWN OWN OWN | OWN OK OWN"),
        new("AccessService.GetAccessPlan", "the caller's own", _ => new GetAccessPlanRequest { Resource = "resources/matrix", Purpose = Purpose.Analysis }, "OK OK | OK OK OK OK OK | OK OK OK"),

        new("AccessRequestsService.SaveAccessRequest", "the reader's, already submitted: STATE is who may write it", _ => new SaveAccessRequestRequest { Request = Wish(Waiting) },
            "ROLE ROLE | OWN STATE OWN OWN OWN | ROLE ROLE ROLE"),
        Step("SubmitAccessRequest", "the reader's to submit", name => new SubmitAccessRequestRequest { Name = name, Etag = "stale" }, $"ROLE ROLE | OWN ETAG {Hidden} OWN OWN | ROLE ROLE ROLE"),
        Step("CheckAccessRequest", "the authority's to check", name => new CheckAccessRequestRequest { Name = name, Etag = "stale", Verdict = ReviewVerdict.Approve },
            $"ROLE ROLE | OWN OWN {Hidden} ETAG OWN | ROLE ROLE ROLE"),
        Step("ReviewAccessRequest", "the owner's to decide", name => Review(name), $"ROLE ROLE | ETAG OWN OWN OWN OWN | ROLE ROLE ROLE", InReview),
        Step("AskForSupplement", "the owner's to ask", name => new AskForSupplementRequest { Name = name, Etag = "stale", Owner = "departments/owner", Question = "why" },
            $"ROLE ROLE | ETAG OWN OWN OWN OWN | ROLE ROLE ROLE", InReview),
        Step("SupplementAccessRequest", "the reader's to answer", name => new SupplementAccessRequestRequest { Name = name, Etag = "stale", Owner = "departments/owner", Answer = "so" },
            $"ROLE ROLE | OWN ETAG {Hidden} OWN OWN | ROLE ROLE ROLE", InReview),
        Step("HandOverAccessRequest", "the owner's to hand over",
            name => new HandOverAccessRequestRequest { Name = name, Etag = "stale", Owner = "departments/owner", To = "departments/stranger", Reason = "theirs" },
            $"ROLE ROLE | ETAG OWN OWN OWN OWN | ROLE ROLE ROLE", InReview),
        Step("WithdrawAccessRequest", "the reader's to take back", name => new WithdrawAccessRequestRequest { Name = name, Etag = "stale" }, $"ROLE ROLE | OWN ETAG {Hidden} OWN OWN | ROLE ROLE ROLE"),
        Step("GetAccessRequest", "seen by its parties, the authority, supervision, operator and auditors", name => new GetAccessRequestRequest { Name = name }, $"OK OK | OK OK {Hidden} OK OK | OK OK {Hidden}"),
        new("AccessRequestsService.ListAccessRequests", "those the caller may see", _ => new ListAccessRequestsRequest(), "OK OK | OK OK OK OK OK | OK OK OK"),
        new("AccessRequestsService.BatchSubmitAccessRequests", "each is a result of its own; the call needs a steward",
            _ => new BatchSubmitAccessRequestsRequest { Requests = { Wish(NoRequest) }, ValidateOnly = true }, "ROLE ROLE | OK OK OK OK OK | ROLE ROLE ROLE"),
        new("AccessRequestsService.BatchReviewAccessRequests", "each is a result of its own; the call needs a steward",
            _ => new BatchReviewAccessRequestsRequest { Reviews = { Review(InReview) }, ValidateOnly = true }, "ROLE ROLE | OK OK OK OK OK | ROLE ROLE ROLE"),

        new("InboxService.ListNotices", "of the owner", _ => new ListNoticesRequest { Parent = "departments/owner" }, "OK OK | OK OWN OWN OWN OWN | OK OWN OWN"),
        new("InboxService.FollowInbox", "of the owner", _ => new FollowInboxRequest { Parent = "departments/owner", AfterPosition = 0 }, "OK OK | OK OWN OWN OWN OWN | OK OWN OWN"),

        new("PendingChangesService.ListPendingChanges", "of the owner", _ => new ListPendingChangesRequest { Parent = "departments/owner" }, "OK OK | OK OWN OWN OWN OWN | OK OWN OWN"),
        new("PendingChangesService.ReviewPendingChange", "of the owner, that nobody asked for: NO_CHANGE is who may review it",
            _ => new ReviewPendingChangeRequest { Name = "departments/owner/pendingChanges/none", Verdict = ReviewVerdict.Approve }, "NO_CHANGE ROLE | NO_CHANGE OWN OWN OWN OWN | ROLE ROLE ROLE"),
    ];

    private static ReviewAccessRequestRequest Review(string name) =>
        new() { Name = name, Etag = "stale", Owner = "departments/owner", Verdict = ReviewVerdict.Reject, Reason = "a test" };

    private static MatrixRow Step(string rpc, string about, Func<string, IMessage> request, string expected, string name = Waiting) =>
        new("AccessRequestsService." + rpc, about, _ => request(name), expected, _ => request(NoRequest));
}
