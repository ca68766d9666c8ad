using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.EventStore.Appending;
using Exchange.Protos.V1;
using Exchange.Server.Governance;
using Exchange.Server.Governance.Changes;
using Exchange.Server.Grpc;
using Exchange.Server.Identity;
using Grpc.Core;
using Npgsql;
using AccessRequest = Exchange.Protos.V1.AccessRequest;
using AccessRequestState = Exchange.Catalog.AccessRequestState;
using DueState = Exchange.Catalog.DueState;

namespace Exchange.Server.Access.Requests;

/// <summary>Takes access requests from a department's wish to its owners' grants.</summary>
internal sealed class AccessRequestsService(GovernanceCommands commands, GovernanceStore store, TimeProvider time) : Protos.V1.AccessRequestsService.AccessRequestsServiceBase
{
    private const int MostInBatch = 200;

    private static readonly RefusalReason InDoubt = new("WRITE_IN_DOUBT", RefusalKind.Unavailable);
    private static readonly Refusal NotTried = new(new RefusalReason("NOT_TRIED", RefusalKind.Unavailable), "one before it failed, and it was not tried: send it again");

    /// <inheritdoc/>
    public override Task<AccessRequest> SaveAccessRequest(SaveAccessRequestRequest request, ServerCallContext context) =>
        ExecuteAsync(context, AccessRequestCommands.Save(context.Caller, request));

    /// <inheritdoc/>
    public override Task<AccessRequest> SubmitAccessRequest(SubmitAccessRequestRequest request, ServerCallContext context) =>
        ExecuteAsync(context, AccessRequestCommands.Submit(context.Caller, request));

    /// <inheritdoc/>
    public override Task<AccessRequest> CheckAccessRequest(CheckAccessRequestRequest request, ServerCallContext context) =>
        ExecuteAsync(context, AccessRequestCommands.Check(context.Caller, request));

    /// <inheritdoc/>
    public override Task<AccessRequest> ReviewAccessRequest(ReviewAccessRequestRequest request, ServerCallContext context) =>
        ExecuteAsync(context, AccessRequestCommands.Review(context.Caller, request));

    /// <inheritdoc/>
    public override Task<AccessRequest> AskForSupplement(AskForSupplementRequest request, ServerCallContext context) =>
        ExecuteAsync(context, AccessRequestCommands.Ask(context.Caller, request));

    /// <inheritdoc/>
    public override Task<AccessRequest> SupplementAccessRequest(SupplementAccessRequestRequest request, ServerCallContext context) =>
        ExecuteAsync(context, AccessRequestCommands.Supplement(context.Caller, request));

    /// <inheritdoc/>
    public override Task<AccessRequest> HandOverAccessRequest(HandOverAccessRequestRequest request, ServerCallContext context) =>
        ExecuteAsync(context, AccessRequestCommands.HandOver(context.Caller, request));

    /// <inheritdoc/>
    public override Task<AccessRequest> WithdrawAccessRequest(WithdrawAccessRequestRequest request, ServerCallContext context) =>
        ExecuteAsync(context, AccessRequestCommands.Withdraw(context.Caller, request));

    /// <inheritdoc/>
    public override async Task<AccessRequest> GetAccessRequest(GetAccessRequestRequest request, ServerCallContext context)
    {
        var id = ResourceNames.AccessRequest("name", request.Name).OrThrow();
        var state = (await store.ConfirmAsync(context.CancellationToken)).OrThrow();
        return AccessRequestRules.Find(state, id) is { IsRefused: false, Value: var found } && AccessRequestCommands.MaySee(state, context.Caller, found)
            ? found.ToProto(state, time.GetUtcNow())
            : throw AccessRequestRules.NotFound(id).ToException();
    }

    /// <inheritdoc/>
    public override async Task<ListAccessRequestsResponse> ListAccessRequests(ListAccessRequestsRequest request, ServerCallContext context)
    {
        var (caller, now) = (context.Caller, time.GetUtcNow());
        var state = (await store.ConfirmAsync(context.CancellationToken)).OrThrow();
        var wanted = (AccessRequestState)request.State;
        var near = (DueState)request.DueState;
        var found = state.AccessRequests
            .Where(one => AccessRequestCommands.MaySee(state, caller, one.Value) && IsOnSide(one.Value))
            .Where(one => wanted is AccessRequestState.Unspecified || one.Value.StateIn(state, now) == wanted
                || (one.Value.State is AccessRequestState.OwnerReview && one.Value.Parts.Any(part => part.StateIn(state, now) == wanted)))
            .Where(one => near is DueState.Unspecified || one.Value.Waiting(state, now).Any(waiting => waiting.Clock.StateAt(state, now) >= near))
            .Select(one => KeyValuePair.Create(one.Key, new Lazy<AccessRequest>(() => one.Value.ToListed(state, now))));
        var (page, next) = Paging.Cut(found, request.PageSize, request.PageToken, message => message.Value.CalculateSize()).OrThrow();
        return new ListAccessRequestsResponse { Requests = { page.Select(message => message.Value) }, NextPageToken = next };

        bool IsOnSide(Exchange.Catalog.AccessRequest one) => request.Side switch
        {
            AccessRequestSide.Requester => one.Requester == caller.Department,
            AccessRequestSide.Owner => one.PartOf(caller.Department) is not null,
            AccessRequestSide.ToAct => one.Waiting(state, now).Any(waiting => waiting.Who == caller.Department),
            _ => true,
        };
    }

    /// <inheritdoc/>
    public override Task<BatchAccessRequestsResponse> BatchSubmitAccessRequests(BatchSubmitAccessRequestsRequest request, ServerCallContext context) =>
        BatchAsync(context, "requests", request.Requests, one => one.Name, one => AccessRequestCommands.SaveAndSubmit(context.Caller, one), request.ValidateOnly);

    /// <inheritdoc/>
    public override Task<BatchAccessRequestsResponse> BatchReviewAccessRequests(BatchReviewAccessRequestsRequest request, ServerCallContext context) =>
        BatchAsync(context, "reviews", request.Reviews, one => one.Name, one => AccessRequestCommands.Review(context.Caller, one), request.ValidateOnly);

    private async Task<AccessRequest> ExecuteAsync(ServerCallContext context, Result<AccessRequestCommand> command) =>
        (await StoreAsync(context, command.OrThrow())).OrThrow();

    // While an approval waits for a second steward the request is what it was.
    private async Task<Result<AccessRequest>> StoreAsync(ServerCallContext context, AccessRequestCommand command)
    {
        var stored = await commands.ExecuteOrHoldAsync(context.Caller, command.Streams, command.Decide, context.CancellationToken);
        if (stored.IsRefused)
        {
            return stored.Refusal;
        }

        var ((request, pending), state) = (stored.Value, store.Current);
        var message = (pending is null ? request : state.AccessRequests[request.Id.Value]).ToProto(state, time.GetUtcNow());
        message.PendingChange = PendingChangeMap.NameOf(pending);
        return message;
    }

    private async Task<BatchAccessRequestsResponse> BatchAsync<T>(
        ServerCallContext context, string field, IReadOnlyCollection<T> items, Func<T, string> nameOf, Func<T, Result<AccessRequestCommand>> read, bool validateOnly)
    {
        GovernanceRoles.RequireSteward(context.Caller, context.Caller.Department).OrThrow();
        if (items.Count is 0 or > MostInBatch)
        {
            throw Refusal.Invalid(field, "COUNT", $"give 1 to {MostInBatch}").ToException();
        }

        // A preview is decided as the batch would be: each on what those before it left.
        var preview = (await store.ConfirmAsync(context.CancellationToken)).OrThrow();
        var response = new BatchAccessRequestsResponse();
        Refusal? broken = null;
        foreach (var item in items)
        {
            var command = read(item);
            Result<AccessRequestResult> result = broken is not null ? broken
                : command.IsRefused ? command.Refusal
                : validateOnly ? Preview(command.Value)
                : await TryStoreAsync(command.Value);
            broken ??= result.Refusal is { } refusal && refusal.Reason == InDoubt ? NotTried : null;
            response.Results.Add(result.IsRefused
                ? new AccessRequestResult { Request = new AccessRequest { Name = nameOf(item) }, Refusal = result.Refusal.ToDetails() }
                : result.Value);
        }

        return response;

        Result<AccessRequestResult> Preview(AccessRequestCommand command)
        {
            var now = time.GetUtcNow();
            var decision = command.Decide(preview, now);
            if (decision.IsRefused)
            {
                return decision.Refusal;
            }

            var settled = GovernanceUnit.Settle(preview, context.Caller, decision.Value.Events, now);
            if (settled.IsRefused)
            {
                return settled.Refusal;
            }

            preview = preview.After(settled.Value.Events);
            var waits = settled.Value.Pending is not null;
            var request = waits ? preview.AccessRequests[decision.Value.Value.Id.Value] : decision.Value.Value;
            return new AccessRequestResult { Request = request.ToProto(preview, now), Waits = waits };
        }

        async Task<Result<AccessRequestResult>> TryStoreAsync(AccessRequestCommand command)
        {
            try
            {
                var stored = await StoreAsync(context, command);
                return stored.IsRefused ? stored.Refusal : new AccessRequestResult { Request = stored.Value, Waits = stored.Value.PendingChange.Length > 0 };
            }
            catch (Exception e) when (e is AppendInDoubtException or NpgsqlException)
            {
                // What was done before it is told.
                return new Refusal(InDoubt, "the hub cannot tell whether it stored this: read the request and go on from there");
            }
        }
    }
}
