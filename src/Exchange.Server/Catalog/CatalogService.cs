using System.Collections.Immutable;
using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Policy.Conditions;
using Exchange.Protos.V1;
using Exchange.Server.Catalog.CodeLists;
using Exchange.Server.Catalog.Quality;
using Exchange.Server.Governance;
using Exchange.Server.Governance.Changes;
using Exchange.Server.Grpc;
using Exchange.Server.Identity;
using Grpc.Core;
using CodeList = Exchange.Protos.V1.CodeList;
using SharingList = Exchange.Protos.V1.SharingList;

namespace Exchange.Server.Catalog;

/// <summary>Keeps the catalog and shows it to every department.</summary>
internal sealed class CatalogService(
    GovernanceCommands commands, GovernanceStore store, ResourcePublishing publishing, CodeListPublishing codeLists, ResourceHistory history, CatalogSearch search,
    QualityReader quality, TimeProvider time)
    : Protos.V1.CatalogService.CatalogServiceBase
{
    /// <inheritdoc/>
    public override async Task<DefineCategoriesResponse> DefineCategories(DefineCategoriesRequest request, ServerCallContext context)
    {
        GovernanceRoles.RequireOperator(context.Caller).OrThrow();
        var categories = request.Categories.Select(category => category.ToDomain()).ToList();
        var changed = await commands.ExecuteAsync(
            context.Caller, GovernanceStreams.Categories, (state, _) => CategoryRules.Define(state, categories), context.CancellationToken);
        return new DefineCategoriesResponse { Changed = changed.OrThrow().Length };
    }

    /// <inheritdoc/>
    public override async Task<ListCategoriesResponse> ListCategories(ListCategoriesRequest request, ServerCallContext context)
    {
        var state = (await store.ConfirmAsync(context.CancellationToken)).OrThrow();
        var (page, next) = Paging.Cut(state.Categories, request.PageSize, request.PageToken).OrThrow();
        return new ListCategoriesResponse { Categories = { page.Select(category => category.ToProto()) }, NextPageToken = next };
    }

    /// <inheritdoc/>
    public override async Task<CodeList> PublishCodeList(PublishCodeListRequest request, ServerCallContext context)
    {
        GovernanceRoles.RequireOperator(context.Caller).OrThrow();
        var list = request.CodeList ?? new CodeList();
        var id = CategoryMap.CodeListIn(list.Name);
        ImmutableArray<SourcedCode>? mappings = list.Mappings.Count > 0 || request.ClearMappings ? [.. list.Mappings.Select(mapping => mapping.ToDomain())] : null;
        var published = await codeLists.PublishAsync(context.Caller, id, [.. list.Codes.Select(code => code.ToDomain())], mappings, context.CancellationToken);
        return published.OrThrow().ToProto();
    }

    /// <inheritdoc/>
    public override async Task<CodeList> GetCodeList(GetCodeListRequest request, ServerCallContext context)
    {
        var id = ResourceNames.CodeList("name", request.Name).OrThrow();
        var state = (await store.ConfirmAsync(context.CancellationToken)).OrThrow();
        return Lookup.CodeList(state, id).OrThrow().ToProto();
    }

    /// <inheritdoc/>
    public override async Task<Resource> PublishResource(PublishResourceRequest request, ServerCallContext context)
    {
        var draft = (request.Resource ?? new Resource()).ToDraft();
        GovernanceRoles.RequireOperator(context.Caller).OrThrow();
        ResourceBytes.Check(request.Resource).OrThrow();
        var published = await publishing.PublishAsync(context.Caller, draft.Id, (state, now) => ResourceRules.PublishDirectly(state, draft, now), context.CancellationToken);
        return (await ShowAsync(store.Current, [published.OrThrow()], context))[0];
    }

    /// <inheritdoc/>
    public override async Task<Resource> GetResource(GetResourceRequest request, ServerCallContext context)
    {
        var id = ResourceNames.Resource("name", request.Name).OrThrow();
        var state = (await store.ConfirmAsync(context.CancellationToken)).OrThrow();
        return (await ShowAsync(state, [state.LastResource(id) ?? Lookup.Resource(state, id).OrThrow()], context))[0];
    }

    /// <inheritdoc/>
    public override async Task<ListResourcesResponse> ListResources(ListResourcesRequest request, ServerCallContext context)
    {
        var state = (await store.ConfirmAsync(context.CancellationToken)).OrThrow();
        var (page, next) = Paging.Cut(state.Resources, request.PageSize, request.PageToken).OrThrow();
        return new ListResourcesResponse { Resources = { await ShowAsync(state, page, context) }, NextPageToken = next };
    }

    /// <inheritdoc/>
    public override async Task<SearchCatalogResponse> SearchCatalog(SearchCatalogRequest request, ServerCallContext context)
    {
        var query = request.ToQuery(context.Caller).OrThrow();
        var (findings, state) = search.Find((await store.ConfirmAsync(context.CancellationToken)).OrThrow(), query);
        var measured = await quality.ReadAsync(state, findings.Hits.Select(hit => hit.Resource), context.Caller.Department, context.CancellationToken);
        return findings.ToProto(state, measured, time.GetUtcNow());
    }

    /// <inheritdoc/>
    public override async Task<ListResourceRevisionsResponse> ListResourceRevisions(ListResourceRevisionsRequest request, ServerCallContext context)
    {
        var id = ResourceNames.Resource("parent", request.Parent).OrThrow();
        var (page, next) = (await history.ListAsync(id, request.PageSize, request.PageToken, context.CancellationToken)).OrThrow();
        return new ListResourceRevisionsResponse { Revisions = { page }, NextPageToken = next };
    }

    /// <inheritdoc/>
    public override async Task<CompareResourceRevisionsResponse> CompareResourceRevisions(CompareResourceRevisionsRequest request, ServerCallContext context)
    {
        var id = ResourceNames.Resource("name", request.Name).OrThrow();
        return (await history.CompareAsync(id, request.FromRevision, request.ToRevision, context.CancellationToken)).OrThrow();
    }

    /// <inheritdoc/>
    public override async Task<SharingList> UpdateSharingList(UpdateSharingListRequest request, ServerCallContext context)
    {
        var list = request.SharingList ?? new SharingList();
        var (department, resource) = ResourceNames.SharingList("sharing_list.name", list.Name).OrThrow();
        GovernanceRoles.RequireSteward(context.Caller, department).OrThrow();
        var updated = await commands.ExecuteOrHoldAsync(
            context.Caller,
            [GovernanceStreams.SharingList(department, resource)],
            (state, _) => SharingListRules.Update(state, department, resource, list.ToEntries(), list.Etag),
            context.CancellationToken);
        var ((changed, pending), state) = (updated.OrThrow(), store.Current);
        var message = (pending is null ? changed : state.SharingListOf(department, resource)).ToProto(state);
        message.PendingChange = PendingChangeMap.NameOf(pending);
        return message;
    }

    /// <inheritdoc/>
    public override async Task<SharingList> GetSharingList(GetSharingListRequest request, ServerCallContext context)
    {
        var (department, resource) = ResourceNames.SharingList("name", request.Name).OrThrow();
        var state = (await store.ConfirmAsync(context.CancellationToken)).OrThrow();
        SharingListRules.Find(state, department, resource).OrThrow();
        return state.SharingListOf(department, resource).ToProto(state);
    }

    // With what was measured of them, as far as the caller may see it.
    private async Task<Resource[]> ShowAsync(GovernanceState state, IReadOnlyCollection<ResourceDefinition> resources, ServerCallContext context)
    {
        var measured = await quality.ReadAsync(state, resources.Select(resource => resource.Id), context.Caller.Department, context.CancellationToken);
        var now = time.GetUtcNow();
        return [.. resources.Select(resource =>
        {
            var message = resource.ToProto(state);
            message.Quality = measured.GetValueOrDefault(resource.Id)?.ToProto(state, now);
            return message;
        })];
    }
}
