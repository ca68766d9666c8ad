using Exchange.Catalog.Governance;

namespace Exchange.Catalog.Tests.Access.Requests;

/// <summary>Requests of the invented city's road office, and the steps they take.</summary>
internal static class RequestCity
{
    internal static readonly AccessRequestId Id = new("3f0c2c1e-5a0b-4c1e-9d7e-2b8a4c6d1e0f");
    internal static readonly GrantId Given = new("0b3f4a52-6c1d-4a6f-8d0e-0c7b5f1f2a01");
    internal static readonly ClientId Desk = new("a-desk");

    internal static AccessRequest Request(params string[] fields) => new()
    {
        Id = Id,
        Requester = City.Roads,
        Resource = City.Complaint,
        Fields = [.. fields],
        Owners = [City.Hotline],
        Basis = new(BasisKind.Law, "Invented Act, section 1"),
        Purpose = Purpose.Regulation,
        Scene = "lamps that fail together",
        Mode = PlatformMode.Api,
        ExpireTime = City.Noon.AddYears(1),
    };

    /// <summary>The state in which a request is with its owners.</summary>
    internal static GovernanceState Submitted(AccessRequest request, GovernanceState? before = null)
    {
        var saved = (before ?? City.State).After(AccessRequestRules.Save(before ?? City.State, request, Desk, "", City.Noon));
        return saved.After(AccessRequestRules.Submit(saved, request.Id, "", City.Noon));
    }

    internal static AccessRequest It(this GovernanceState state) => state.AccessRequests[Id.Value];

    internal static string Etag(this GovernanceState state) => state.It().Etag;

    internal static Result<GovernanceDecision<AccessRequest>> Approve(this GovernanceState state, DepartmentId owner, ApprovalTerms? terms = null, string reason = "", DateTimeOffset? now = null) =>
        AccessReviewRules.Approve(
            state, Id, owner, terms ?? new() { Agreement = new(owner, "reading") }, Given, Desk, reason, state.Etag(), now ?? City.Noon);

    /// <summary>The whole, then each part.</summary>
    internal static string StateAt(this GovernanceState state, DateTimeOffset now) => string.Join(
        ' ', state.It().Parts.Select(part => $"{part.Owner}={part.StateIn(state, now)}").Prepend($"{state.It().StateIn(state, now)}"));
}
