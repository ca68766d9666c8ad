using Exchange.Clients.Hub;
using Exchange.Protos.V1;

namespace Exchange.Clients.Catalog;

/// <summary>
/// Drafts of resources and their reviews. Steps are not repeated by themselves: after the first call the draft stands elsewhere, and the answer to a second
/// one would be a refusal.
/// </summary>
public sealed class ResourceDraftsClient
{
    private readonly HubConnection _hub;
    private readonly ResourceDraftsService.ResourceDraftsServiceClient _service;

    internal ResourceDraftsClient(HubConnection hub)
    {
        _hub = hub;
        _service = new ResourceDraftsService.ResourceDraftsServiceClient(hub.Invoker);
    }

    /// <summary>Creates or replaces a resource's draft. An empty etag replaces whatever is there.</summary>
    public Task<ResourceDraft> SaveAsync(Resource resource, string etag, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.SaveResourceDraftAsync, new SaveResourceDraftRequest { Resource = resource, Etag = etag }, true, cancellationToken);

    /// <summary>A draft, by its name `resources/{resource}/draft`.</summary>
    public Task<ResourceDraft> GetAsync(string name, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.GetResourceDraftAsync, new GetResourceDraftRequest { Name = name }, true, cancellationToken);

    /// <summary>The open drafts one may see; unspecified for those of every state.</summary>
    public IAsyncEnumerable<ResourceDraft> ListAsync(ResourceState state, CancellationToken cancellationToken) => Pages.AllAsync(
        token => _hub.CallAsync(_service.ListResourceDraftsAsync, new ListResourceDraftsRequest { State = state, PageSize = 500, PageToken = token }, true, cancellationToken),
        page => page.Drafts,
        page => page.NextPageToken,
        cancellationToken);

    /// <summary>Submits a draft for review.</summary>
    public Task<ResourceDraft> SubmitAsync(string name, string etag, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.SubmitResourceDraftAsync, new SubmitResourceDraftRequest { Name = name, Etag = etag }, false, cancellationToken);

    /// <summary>Approves or rejects a submitted draft as it was read.</summary>
    public Task<ResourceDraft> ReviewAsync(string name, string etag, ReviewVerdict verdict, string reason, CancellationToken cancellationToken) =>
        // To index a large table takes longer than the hub's default deadline.
        _hub.CallAsync(
            (request, options) => _service.ReviewResourceDraftAsync(request, options.WithDeadline(DateTime.UtcNow.AddHours(1))),
            new ReviewResourceDraftRequest { Name = name, Etag = etag, Verdict = verdict, Reason = reason },
            false,
            cancellationToken);

    /// <summary>Gives a draft up. An empty etag means whatever is there.</summary>
    public Task<ResourceDraft> DeleteAsync(string name, string etag, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.DeleteResourceDraftAsync, new DeleteResourceDraftRequest { Name = name, Etag = etag }, false, cancellationToken);

    /// <summary>Asks that a published resource (`resources/{resource}`) be revoked.</summary>
    public Task<ResourceRevocation> RequestRevocationAsync(string name, string reason, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.RequestResourceRevocationAsync, new RequestResourceRevocationRequest { Name = name, Reason = reason }, false, cancellationToken);

    /// <summary>Revokes a resource as asked in the revocation of this etag, or rejects that.</summary>
    public Task<Resource> ReviewRevocationAsync(string name, string etag, ReviewVerdict verdict, string reason, CancellationToken cancellationToken) =>
        _hub.CallAsync(
            _service.ReviewResourceRevocationAsync, new ReviewResourceRevocationRequest { Name = name, Etag = etag, Verdict = verdict, Reason = reason }, false, cancellationToken);

    /// <summary>Revocations that wait or were rejected, of those one may see.</summary>
    public IAsyncEnumerable<ResourceRevocation> ListRevocationsAsync(CancellationToken cancellationToken) => Pages.AllAsync(
        token => _hub.CallAsync(_service.ListResourceRevocationsAsync, new ListResourceRevocationsRequest { PageSize = 500, PageToken = token }, true, cancellationToken),
        page => page.Revocations,
        page => page.NextPageToken,
        cancellationToken);
}
