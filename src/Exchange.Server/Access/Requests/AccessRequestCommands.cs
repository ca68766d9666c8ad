using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Protos.V1;
using Exchange.Server.Governance;
using Exchange.Server.Identity;
using AccessRequest = Exchange.Catalog.AccessRequest;
using Role = Exchange.Catalog.Role;

namespace Exchange.Server.Access.Requests;

/// <summary>A step of an access request, ready to be decided: which request, the other stream it writes to, if any, and the decision.</summary>
internal sealed record AccessRequestCommand(AccessRequestId Id, Guid? GrantStream, GovernanceCommand<AccessRequest> Decide)
{
    /// <summary>The streams of its events.</summary>
    public IReadOnlyList<Guid> Streams => GrantStream is { } grant ? [GovernanceStreams.AccessRequest(Id), grant] : [GovernanceStreams.AccessRequest(Id)];
}

/// <summary>Reads the steps of access requests from messages, each with who may take it.</summary>
internal static class AccessRequestCommands
{
    /// <summary>Creates a draft or replaces what it says.</summary>
    public static Result<AccessRequestCommand> Save(Caller caller, SaveAccessRequestRequest message)
    {
        var request = (message.Request ?? new Protos.V1.AccessRequest()).ToDomain();
        return GovernanceRoles.RequireSteward(caller, request.Requester) is { } refusal
            ? refusal
            : new AccessRequestCommand(request.Id, null, (state, now) => AccessRequestRules.Save(state, request, caller.Client, message.Etag, now));
    }

    /// <summary>Saves a request and submits it. One that was submitted stays as it is.</summary>
    public static Result<AccessRequestCommand> SaveAndSubmit(Caller caller, Protos.V1.AccessRequest message)
    {
        var saving = Save(caller, new SaveAccessRequestRequest { Request = message });
        return saving.IsRefused ? saving : saving.Value with { Decide = Decide };

        Result<GovernanceDecision<AccessRequest>> Decide(GovernanceState state, DateTimeOffset now)
        {
            var saved = saving.Value.Decide(state, now);
            if (saved.IsRefused || saved.Value.Value.State is not Exchange.Catalog.AccessRequestState.Draft)
            {
                return saved;
            }

            var submitted = AccessRequestRules.Submit(state.After(saved.Value.Events), saving.Value.Id, "", now);
            return submitted.IsRefused
                ? submitted
                : new GovernanceDecision<AccessRequest>(submitted.Value.Value, [.. saved.Value.Events, .. submitted.Value.Events]);
        }
    }

    /// <summary>Submits a draft.</summary>
    public static Result<AccessRequestCommand> Submit(Caller caller, SubmitAccessRequestRequest message) =>
        OfRequester(caller, message.Name, (state, id, now) => AccessRequestRules.Submit(state, id, message.Etag, now));

    /// <summary>Answers an owner's question.</summary>
    public static Result<AccessRequestCommand> Supplement(Caller caller, SupplementAccessRequestRequest message)
    {
        var owner = ResourceNames.Department("owner", message.Owner);
        return owner.IsRefused
            ? owner.Refusal
            : OfRequester(caller, message.Name, (state, id, now) => AccessRequestRules.Supplement(state, id, owner.Value, message.Answer, message.Etag, now));
    }

    /// <summary>Takes back what is not decided yet.</summary>
    public static Result<AccessRequestCommand> Withdraw(Caller caller, WithdrawAccessRequestRequest message) =>
        OfRequester(caller, message.Name, (state, id, now) => AccessRequestRules.Withdraw(state, id, message.Etag, now));

    /// <summary>Checks conformity.</summary>
    public static Result<AccessRequestCommand> Check(Caller caller, CheckAccessRequestRequest message)
    {
        var isApproval = ReviewVerdicts.IsApproval(message.Verdict);
        return isApproval.IsRefused ? isApproval.Refusal : Of(caller, message.Name, (state, request, now) =>
            RequireAuthority(caller, state) is { } refusal
                ? refusal
                : AccessReviewRules.Check(state, request.Id, caller.Department, isApproval.Value, message.Reason, message.Etag, now));
    }

    /// <summary>Decides an owner's part.</summary>
    public static Result<AccessRequestCommand> Review(Caller caller, ReviewAccessRequestRequest message)
    {
        var isApproval = ReviewVerdicts.IsApproval(message.Verdict);
        return isApproval.IsRefused ? isApproval.Refusal : OfOwner(caller, message.Name, message.Owner, (state, id, owner, grant, now) => isApproval.Value
            ? AccessReviewRules.Approve(
                state, id, owner, (message.Terms ?? new Protos.V1.ApprovalTerms()).ToDomain(), grant, caller.Client, message.Reason, message.Etag, now)
            : AccessReviewRules.Reject(state, id, owner, caller.Client, message.Reason, message.Etag, now));
    }

    /// <summary>Asks the requester something.</summary>
    public static Result<AccessRequestCommand> Ask(Caller caller, AskForSupplementRequest message) => OfOwner(
        caller, message.Name, message.Owner, (state, id, owner, _, now) => AccessReviewRules.Ask(state, id, owner, message.Question, message.Etag, now));

    /// <summary>Hands an owner's part over.</summary>
    public static Result<AccessRequestCommand> HandOver(Caller caller, HandOverAccessRequestRequest message)
    {
        var to = ResourceNames.Department("to", message.To);
        return to.IsRefused ? to.Refusal : OfOwner(
            caller,
            message.Name,
            message.Owner,
            (state, id, owner, _, now) => AccessReviewRules.HandOver(state, id, owner, to.Value, caller.Client, message.Reason, message.Etag, now));
    }

    /// <summary>True for a caller whose department asks, decides, checks or supervises, and for those who see all.</summary>
    public static bool MaySee(GovernanceState state, Caller caller, AccessRequest request) =>
        caller.Role is Role.Operator or Role.Auditor || request.Concerns(state, caller.Department);

    // The role before looking whether the request is there.
    private static Result<AccessRequestCommand> Of(
        Caller caller, string name, Func<GovernanceState, AccessRequest, DateTimeOffset, Result<GovernanceDecision<AccessRequest>>> decide)
    {
        var id = ResourceNames.AccessRequest("name", name);
        return id.IsRefused ? id.Refusal
            : GovernanceRoles.RequireSteward(caller, caller.Department) is { } refusal ? refusal
            : new AccessRequestCommand(id.Value, null, (state, now) =>
                AccessRequestRules.Find(state, id.Value) is { IsRefused: false, Value: var request } && MaySee(state, caller, request)
                    ? decide(state, request, now)
                    : AccessRequestRules.NotFound(id.Value));
    }

    private static Result<AccessRequestCommand> OfRequester(
        Caller caller, string name, Func<GovernanceState, AccessRequestId, DateTimeOffset, Result<GovernanceDecision<AccessRequest>>> decide) =>
        Of(caller, name, (state, request, now) => GovernanceRoles.RequireSteward(caller, request.Requester) is { } refusal ? refusal : decide(state, request.Id, now));

    private static Result<AccessRequestCommand> OfOwner(
        Caller caller,
        string name,
        string ownerName,
        Func<GovernanceState, AccessRequestId, DepartmentId, GrantId, DateTimeOffset, Result<GovernanceDecision<AccessRequest>>> decide)
    {
        var owner = ownerName.Length is 0 ? caller.Department : ResourceNames.Department("owner", ownerName);
        if (owner.IsRefused)
        {
            return owner.Refusal;
        }

        if (GovernanceRoles.RequireSteward(caller, owner.Value) is { } refusal)
        {
            return refusal;
        }

        // One grant a part: its id follows from both, so that a repeated approval is one.
        var grant = new GrantId(GovernanceStreams.Of($"{name}/{owner.Value}").ToString());
        var command = Of(caller, name, (state, request, now) => decide(state, request.Id, owner.Value, grant, now));
        return command.IsRefused ? command : command.Value with { GrantStream = GovernanceStreams.Grant(grant) };
    }

    // What waits for an authority that the hub gave up goes to its owners by itself.
    private static Refusal? RequireAuthority(Caller caller, GovernanceState state) => GovernanceRoles.RequireSteward(caller, state.Settings.SharingAuthority ?? default);
}
