using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Protos.V1;
using Exchange.Server.Governance;
using Exchange.Server.Grpc;
using Exchange.Server.Identity;
using Grpc.Core;
using ResourceDraft = Exchange.Protos.V1.ResourceDraft;
using ResourceRevocation = Exchange.Protos.V1.ResourceRevocation;
using Role = Exchange.Catalog.Role;

namespace Exchange.Server.Catalog;

/// <summary>Takes resources through their life: draft, review, published, revoked.</summary>
internal sealed class ResourceDraftsService(GovernanceCommands commands, GovernanceStore store, ResourcePublishing publishing, TimeProvider time)
    : Protos.V1.ResourceDraftsService.ResourceDraftsServiceBase
{
    /// <inheritdoc/>
    public override async Task<ResourceDraft> SaveResourceDraft(SaveResourceDraftRequest request, ServerCallContext context)
    {
        var resource = request.Resource ?? new Resource();
        var draft = resource.ToDraft();
        GovernanceRoles.RequireKeeper(context.Caller, draft.Department).OrThrow();
        ResourceBytes.Check(resource).OrThrow();
        return await ExecuteAsync(
            context,
            draft.Id,
            (state, now) => MaySave(state, context.Caller, draft.Id) is { } refusal ? refusal : CatalogDraftRules.Save(state, draft, context.Caller.Client, request.Etag, now));
    }

    /// <inheritdoc/>
    public override async Task<ResourceDraft> GetResourceDraft(GetResourceDraftRequest request, ServerCallContext context)
    {
        var id = ResourceNames.Draft("name", request.Name).OrThrow();
        var state = (await store.ConfirmAsync(context.CancellationToken)).OrThrow();
        return CatalogDraftRules.Open(state, id) is { } draft && MaySee(context.Caller, draft)
            ? draft.ToProto(state, time.GetUtcNow())
            : throw CatalogDraftRules.NotFound(id).ToException();
    }

    /// <inheritdoc/>
    public override async Task<ListResourceDraftsResponse> ListResourceDrafts(ListResourceDraftsRequest request, ServerCallContext context)
    {
        var state = (await store.ConfirmAsync(context.CancellationToken)).OrThrow();
        var drafts = state.Drafts
            .Where(draft => draft.Value.IsOpen && MaySee(context.Caller, draft.Value) && (request.State is default(Protos.V1.ResourceState) || (int)request.State == (int)draft.Value.State));
        var (page, next) = Paging.Cut(drafts, request.PageSize, request.PageToken, draft => draft.ToProto(state).CalculateSize()).OrThrow();
        return new ListResourceDraftsResponse { Drafts = { page.Select(draft => draft.ToProto(state)) }, NextPageToken = next };
    }

    /// <inheritdoc/>
    public override Task<ResourceDraft> SubmitResourceDraft(SubmitResourceDraftRequest request, ServerCallContext context)
    {
        var id = ResourceNames.Draft("name", request.Name).OrThrow();
        return ExecuteAsync(
            context,
            id,
            (state, now) => MayKeepDraft(state, context.Caller, id) is { } refusal ? refusal : CatalogDraftRules.Submit(state, id, context.Caller.Client, request.Etag, now));
    }

    /// <inheritdoc/>
    public override async Task<ResourceDraft> ReviewResourceDraft(ReviewResourceDraftRequest request, ServerCallContext context)
    {
        var id = ResourceNames.Draft("name", request.Name).OrThrow();
        var caller = context.Caller;
        if (!ReviewVerdicts.IsApproval(request.Verdict).OrThrow())
        {
            return await ExecuteAsync(
                context,
                id,
                (state, _) => MayKeepDraft(state, caller, id) is { } refusal ? refusal : CatalogDraftRules.Reject(state, id, caller.Client, request.Etag, request.Reason));
        }

        // Before anything is made ready for the publication.
        MayKeepDraft((await store.ReadNewestAsync(context.CancellationToken)).OrThrow(), caller, id).OrThrow();
        CatalogDraft? ended = null;
        var published = await publishing.PublishAsync(caller, id, Approve, context.CancellationToken);
        published.OrThrow();
        return ended!.ToProto(store.Current);

        Result<GovernanceDecision<ResourceDefinition>> Approve(GovernanceState state, DateTimeOffset now)
        {
            if (MayKeepDraft(state, caller, id) is { } refusal)
            {
                return refusal;
            }

            var decision = CatalogDraftRules.Approve(state, id, caller.Client, request.Etag, now);
            if (!decision.IsRefused && (FourEyes.RequireOwnFields(state, decision.Value.Value) ?? FourEyes.RequireOwner(state, decision.Value.Value, caller, AuthorsOf(state))) is { } notOwner)
            {
                return notOwner;
            }

            if (!decision.IsRefused)
            {
                // Of the attempt that is committed, which is the last.
                ended = state.After(decision.Value.Events).Drafts[id.Value];
            }

            return decision;
        }

        IEnumerable<ClientId> AuthorsOf(GovernanceState state) => new ClientId?[] { state.Drafts[id.Value].Author, state.Drafts[id.Value].Submitter }.OfType<ClientId>();
    }

    /// <inheritdoc/>
    public override Task<ResourceDraft> DeleteResourceDraft(DeleteResourceDraftRequest request, ServerCallContext context)
    {
        var id = ResourceNames.Draft("name", request.Name).OrThrow();
        return ExecuteAsync(
            context, id, (state, _) => MayKeepDraft(state, context.Caller, id) is { } refusal ? refusal : CatalogDraftRules.Delete(state, id, request.Etag));
    }

    /// <inheritdoc/>
    public override async Task<ResourceRevocation> RequestResourceRevocation(RequestResourceRevocationRequest request, ServerCallContext context)
    {
        var id = ResourceNames.Resource("name", request.Name).OrThrow();
        ResourceRevocation? asked = null;
        await ExecuteOnPublishedAsync(context, id, (state, now) =>
        {
            // Of the attempt that is committed, which is the last: somebody else may have decided on it by the time it is answered.
            asked = new Exchange.Catalog.ResourceRevocation(request.Reason, context.Caller.Client, now, "").ToProto(id);
            return ResourceRevocationRules.Request(state, id, context.Caller.Client, request.Reason, now);
        });
        return asked!;
    }

    /// <inheritdoc/>
    public override async Task<Resource> ReviewResourceRevocation(ReviewResourceRevocationRequest request, ServerCallContext context)
    {
        var id = ResourceNames.Resource("name", request.Name).OrThrow();
        var isApproval = ReviewVerdicts.IsApproval(request.Verdict).OrThrow();
        return await ExecuteOnPublishedAsync(
            context,
            id,
            (state, now) => isApproval
                ? ResourceRevocationRules.Approve(state, id, context.Caller.Client, request.Etag, now)
                : ResourceRevocationRules.Reject(state, id, request.Etag, request.Reason));
    }

    /// <inheritdoc/>
    public override async Task<ListResourceRevocationsResponse> ListResourceRevocations(ListResourceRevocationsRequest request, ServerCallContext context)
    {
        GovernanceRoles.RequireKeeper(context.Caller, context.Caller.Department).OrThrow();
        var state = (await store.ConfirmAsync(context.CancellationToken)).OrThrow();
        var revocations = state.Revocations
            .Where(revocation => GovernanceRoles.RequireKeeper(context.Caller, state.Resources[revocation.Key].Department) is null)
            .Select(revocation => KeyValuePair.Create(revocation.Key, revocation.Value.ToProto(new ResourceId(revocation.Key))));
        var (page, next) = Paging.Cut(revocations, request.PageSize, request.PageToken).OrThrow();
        return new ListResourceRevocationsResponse { Revocations = { page }, NextPageToken = next };
    }

    // Its own department's stewards and the operator: to others a draft is not there.
    private static bool MaySee(Caller caller, CatalogDraft draft) =>
        caller.Role is Role.Operator || (caller.Role is Role.Steward && caller.Department == draft.Content.Department);

    private static Refusal? MayKeepDraft(GovernanceState state, Caller caller, ResourceId id) =>
        CatalogDraftRules.Open(state, id) is { } draft && MaySee(caller, draft) ? MayKeep(state, caller, id) : CatalogDraftRules.NotFound(id);

    // A draft that the caller may not know of has taken the id, and nothing more is told.
    private static Refusal? MaySave(GovernanceState state, Caller caller, ResourceId id) =>
        CatalogDraftRules.Open(state, id) is { } draft && !MaySee(caller, draft) && !state.Resources.ContainsKey(id.ToString())
            ? new Refusal(RefusalReason.ResourceTaken, $"the id `{id}` is taken: choose another") { Metadata = new Dictionary<string, string> { ["resource"] = id.ToString() } }
            : MayKeep(state, caller, id);

    // Taking over another department's resource or draft needs that department's steward, or the operator.
    private static Refusal? MayKeep(GovernanceState state, Caller caller, ResourceId id) =>
        (state.LastResource(id) is { } published ? GovernanceRoles.RequireKeeper(caller, published.Department) : null)
        ?? (CatalogDraftRules.Open(state, id) is { } draft ? GovernanceRoles.RequireKeeper(caller, draft.Content.Department) : null);

    private async Task<ResourceDraft> ExecuteAsync(ServerCallContext context, ResourceId id, GovernanceCommand<CatalogDraft> command)
    {
        var draft = await commands.ExecuteAsync(context.Caller, GovernanceStreams.Draft(id), command, context.CancellationToken);
        return draft.OrThrow().ToProto(store.Current, time.GetUtcNow());
    }

    private async Task<Resource> ExecuteOnPublishedAsync(
        ServerCallContext context, ResourceId id, GovernanceCommand<ResourceDefinition> command)
    {
        var resource = await commands.ExecuteAsync(
            context.Caller,
            GovernanceStreams.Resource(id),
            (state, now) => MayRevoke(state, context.Caller, id) is { } refusal ? refusal : command(state, now),
            context.CancellationToken);
        return resource.OrThrow().ToProto(store.Current);
    }

    // The role before looking whether the resource is there.
    private static Refusal? MayRevoke(GovernanceState state, Caller caller, ResourceId id) =>
        GovernanceRoles.RequireKeeper(caller, caller.Department)
        ?? (state.LastResource(id) is { } resource ? GovernanceRoles.RequireKeeper(caller, resource.Department) : null);
}
