using Exchange.Catalog.Governance;
using Exchange.Protos.V1;
using Exchange.Server.Grpc;
using Exchange.Server.Identity;
using Grpc.Core;
using PendingChange = Exchange.Protos.V1.PendingChange;

namespace Exchange.Server.Governance.Changes;

/// <summary>Lets a second steward or operator look at what waits for one, and approve or reject it.</summary>
internal sealed class PendingChangesService(GovernanceCommands commands, GovernanceStore store) : Protos.V1.PendingChangesService.PendingChangesServiceBase
{
    /// <inheritdoc/>
    public override async Task<ListPendingChangesResponse> ListPendingChanges(ListPendingChangesRequest request, ServerCallContext context)
    {
        var department = ResourceNames.Department("parent", request.Parent).OrThrow();
        GovernanceRoles.RequireMember(context.Caller, department).OrThrow();
        var state = (await store.ConfirmAsync(context.CancellationToken)).OrThrow();
        Lookup.Department(state, department).OrThrow();

        // Ids rise with time.
        var waiting = state.PendingChanges.Where(change => change.Value.Department == department)
            .Select(change => KeyValuePair.Create(change.Key, new Lazy<PendingChange>(() => change.Value.ToProto(state))));
        var (page, next) = Paging.Cut(waiting, request.PageSize, request.PageToken, change => change.Value.CalculateSize()).OrThrow();
        return new ListPendingChangesResponse { PendingChanges = { page.Select(change => change.Value) }, NextPageToken = next };
    }

    /// <inheritdoc/>
    public override async Task<PendingChange> ReviewPendingChange(ReviewPendingChangeRequest request, ServerCallContext context)
    {
        var (department, id) = ResourceNames.PendingChange("name", request.Name).OrThrow();
        var caller = context.Caller;
        GovernanceRoles.RequireReviewer(caller, department).OrThrow();
        var isApproval = ReviewVerdicts.IsApproval(request.Verdict).OrThrow();
        var about = GovernanceStreams.Department(department);
        if (!store.Current.PendingChanges.ContainsKey(id.Value))
        {
            // Another node may have stored it a moment ago.
            await commands.ExecuteAsync<string>(caller, about, (_, _) => new GovernanceDecision<string>("", (GovernanceEvent?)null), context.CancellationToken);
        }

        // What a change does stands for good, so that where its events go is known before it is decided on.
        var events = store.Current.PendingChanges.GetValueOrDefault(id.Value)?.Events ?? [];
        var streams = events.Select(happened => GovernanceStreams.For(happened, about)).DefaultIfEmpty(about).Distinct();
        var reviewed = await commands.ExecuteAsync(
            caller,
            [.. streams],
            (newest, now) => FourEyes.Review(newest, department, id, caller, isApproval, request.Reason, now),
            context.CancellationToken);
        return reviewed.OrThrow().ToProto(store.Current);
    }
}
