using Exchange.Clients.Hub;
using Exchange.Protos.V1;

namespace Exchange.Clients.Catalog;

/// <summary>The catalog of a hub. Publishing the same again changes nothing, so publishing is tried again when an answer is lost.</summary>
public sealed class CatalogClient
{
    private readonly HubConnection _hub;
    private readonly CatalogService.CatalogServiceClient _service;
    private readonly SharingListsService.SharingListsServiceClient _lists;

    internal CatalogClient(HubConnection hub)
    {
        _hub = hub;
        _service = new CatalogService.CatalogServiceClient(hub.Invoker);
        _lists = new SharingListsService.SharingListsServiceClient(hub.Invoker);
    }

    /// <summary>Adds or renames categories, parents first; how many changed.</summary>
    public async Task<int> DefineCategoriesAsync(IEnumerable<Category> categories, CancellationToken cancellationToken) =>
        (await _hub.CallAsync(_service.DefineCategoriesAsync, new DefineCategoriesRequest { Categories = { categories } }, true, cancellationToken)).Changed;

    /// <summary>All categories.</summary>
    public IAsyncEnumerable<Category> ListCategoriesAsync(CancellationToken cancellationToken) => Pages.AllAsync(
        token => _hub.CallAsync(_service.ListCategoriesAsync, new ListCategoriesRequest { PageSize = 500, PageToken = token }, true, cancellationToken),
        page => page.Categories,
        page => page.NextPageToken,
        cancellationToken);

    /// <summary>Publishes a version of a code list.</summary>
    public Task<CodeList> PublishCodeListAsync(CodeList list, CancellationToken cancellationToken) => PublishCodeListAsync(list, clearMappings: false, cancellationToken);

    /// <summary>As the other; takes all mappings of sources' codes away when the list has none and this is wanted.</summary>
    public Task<CodeList> PublishCodeListAsync(CodeList list, bool clearMappings, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.PublishCodeListAsync, new PublishCodeListRequest { CodeList = list, ClearMappings = clearMappings }, true, cancellationToken);

    /// <summary>A code list, by its name `codeLists/{code_list}`.</summary>
    public Task<CodeList> GetCodeListAsync(string name, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.GetCodeListAsync, new GetCodeListRequest { Name = name }, true, cancellationToken);

    /// <summary>Publishes a resource or its next revision.</summary>
    public Task<Resource> PublishResourceAsync(Resource resource, CancellationToken cancellationToken) =>
        // To index a large table takes longer than the hub's default deadline.
        _hub.CallAsync(
            (request, options) => _service.PublishResourceAsync(request, options.WithDeadline(DateTime.UtcNow.AddHours(1))), new PublishResourceRequest { Resource = resource }, true, cancellationToken);

    /// <summary>A resource, by its name `resources/{resource}`.</summary>
    public Task<Resource> GetResourceAsync(string name, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.GetResourceAsync, new GetResourceRequest { Name = name }, true, cancellationToken);

    /// <summary>All resources.</summary>
    public IAsyncEnumerable<Resource> ListResourcesAsync(CancellationToken cancellationToken) => Pages.AllAsync(
        token => _hub.CallAsync(_service.ListResourcesAsync, new ListResourcesRequest { PageSize = 500, PageToken = token }, true, cancellationToken),
        page => page.Resources,
        page => page.NextPageToken,
        cancellationToken);

    /// <summary>Finds resources by words and facets: one page, with counts for each facet.</summary>
    public Task<SearchCatalogResponse> SearchAsync(SearchCatalogRequest request, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.SearchCatalogAsync, request, true, cancellationToken);

    /// <summary>The published revisions of a resource (`resources/{resource}`), newest first.</summary>
    public IAsyncEnumerable<Resource> ListRevisionsAsync(string name, CancellationToken cancellationToken) => Pages.AllAsync(
        token => _hub.CallAsync(_service.ListResourceRevisionsAsync, new ListResourceRevisionsRequest { Parent = name, PageSize = 500, PageToken = token }, true, cancellationToken),
        page => page.Revisions,
        page => page.NextPageToken,
        cancellationToken);

    /// <summary>What is different between two revisions; 0 for the newest, and for the one before it.</summary>
    public Task<CompareResourceRevisionsResponse> CompareRevisionsAsync(string name, int from, int to, CancellationToken cancellationToken) =>
        _hub.CallAsync(
            _service.CompareResourceRevisionsAsync, new CompareResourceRevisionsRequest { Name = name, FromRevision = from, ToRevision = to }, true, cancellationToken);

    /// <summary>Replaces a department's sharing list for one resource.</summary>
    public Task<SharingList> UpdateSharingListAsync(SharingList list, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.UpdateSharingListAsync, new UpdateSharingListRequest { SharingList = list }, true, cancellationToken);

    /// <summary>A sharing list, by its name `departments/{department}/sharingLists/{resource}`.</summary>
    public Task<SharingList> GetSharingListAsync(string name, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.GetSharingListAsync, new GetSharingListRequest { Name = name }, true, cancellationToken);

    /// <summary>A department's sharing lists as a sheet (CSV); an empty resource for all.</summary>
    public Task<ExportSharingListsResponse> ExportSharingListsAsync(string department, string resource, SheetLanguage language, CancellationToken cancellationToken) =>
        _hub.CallAsync(_lists.ExportSharingListsAsync, new ExportSharingListsRequest { Parent = department, Resource = resource, Language = language }, true, cancellationToken);

    /// <summary>Puts a sheet on the lists of one's department, or with `validateOnly` tells what that would change. The same sheet again changes nothing.</summary>
    public Task<ImportSharingListsResponse> ImportSharingListsAsync(string department, string csv, bool validateOnly, string etag, CancellationToken cancellationToken) =>
        _hub.CallAsync(
            _lists.ImportSharingListsAsync, new ImportSharingListsRequest { Parent = department, Csv = csv, ValidateOnly = validateOnly, Etag = etag }, validateOnly || etag.Length is 0, cancellationToken);
}
