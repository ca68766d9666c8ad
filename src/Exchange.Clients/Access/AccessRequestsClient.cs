using Exchange.Clients.Hub;
using Exchange.Protos.V1;

namespace Exchange.Clients.Access;

/// <summary>
/// Access requests and their reviews. Steps are not repeated by themselves: after the first call the request stands elsewhere, and the answer to a second one
/// would be a refusal.
/// </summary>
public sealed class AccessRequestsClient
{
    private readonly HubConnection _hub;
    private readonly AccessRequestsService.AccessRequestsServiceClient _service;

    internal AccessRequestsClient(HubConnection hub)
    {
        _hub = hub;
        _service = new AccessRequestsService.AccessRequestsServiceClient(hub.Invoker);
    }

    /// <summary>Creates or replaces a draft. An empty etag replaces whatever is there.</summary>
    public Task<AccessRequest> SaveAsync(AccessRequest request, string etag, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.SaveAccessRequestAsync, new SaveAccessRequestRequest { Request = request, Etag = etag }, true, cancellationToken);

    /// <summary>Submits a draft, by its name `accessRequests/{access_request}`.</summary>
    public Task<AccessRequest> SubmitAsync(string name, string etag, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.SubmitAccessRequestAsync, new SubmitAccessRequestRequest { Name = name, Etag = etag }, false, cancellationToken);

    /// <summary>The sharing authority's check.</summary>
    public Task<AccessRequest> CheckAsync(string name, string etag, ReviewVerdict verdict, string reason, CancellationToken cancellationToken) =>
        _hub.CallAsync(
            _service.CheckAccessRequestAsync, new CheckAccessRequestRequest { Name = name, Etag = etag, Verdict = verdict, Reason = reason }, false, cancellationToken);

    /// <summary>An owner's decision of its part.</summary>
    public Task<AccessRequest> ReviewAsync(ReviewAccessRequestRequest review, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.ReviewAccessRequestAsync, review, false, cancellationToken);

    /// <summary>Asks the requester something.</summary>
    public Task<AccessRequest> AskAsync(string name, string etag, string question, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.AskForSupplementAsync, new AskForSupplementRequest { Name = name, Etag = etag, Question = question }, false, cancellationToken);

    /// <summary>Answers an owner's (`departments/{department}`) question.</summary>
    public Task<AccessRequest> SupplementAsync(string name, string etag, string owner, string answer, CancellationToken cancellationToken) =>
        _hub.CallAsync(
            _service.SupplementAccessRequestAsync, new SupplementAccessRequestRequest { Name = name, Etag = etag, Owner = owner, Answer = answer }, false, cancellationToken);

    /// <summary>Hands one's part over to another department (`departments/{department}`).</summary>
    public Task<AccessRequest> HandOverAsync(string name, string etag, string to, string reason, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.HandOverAccessRequestAsync, new HandOverAccessRequestRequest { Name = name, Etag = etag, To = to, Reason = reason }, false, cancellationToken);

    /// <summary>Takes back what is not decided yet. An empty etag means whatever is there.</summary>
    public Task<AccessRequest> WithdrawAsync(string name, string etag, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.WithdrawAccessRequestAsync, new WithdrawAccessRequestRequest { Name = name, Etag = etag }, false, cancellationToken);

    /// <summary>A request, by its name `accessRequests/{access_request}`.</summary>
    public Task<AccessRequest> GetAsync(string name, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.GetAccessRequestAsync, new GetAccessRequestRequest { Name = name }, true, cancellationToken);

    /// <summary>The requests one may see; its page fields are not looked at.</summary>
    public IAsyncEnumerable<AccessRequest> ListAsync(ListAccessRequestsRequest filter, CancellationToken cancellationToken) => Pages.AllAsync(
        token => _hub.CallAsync(_service.ListAccessRequestsAsync, new ListAccessRequestsRequest(filter) { PageSize = 500, PageToken = token }, true, cancellationToken),
        page => page.Requests,
        page => page.NextPageToken,
        cancellationToken);

    /// <summary>Saves and submits many requests, each for itself; or tells what would come of that.</summary>
    public Task<BatchAccessRequestsResponse> BatchSubmitAsync(IEnumerable<AccessRequest> requests, bool validateOnly, CancellationToken cancellationToken) =>
        _hub.CallAsync(
            _service.BatchSubmitAccessRequestsAsync, new BatchSubmitAccessRequestsRequest { Requests = { requests }, ValidateOnly = validateOnly }, true, cancellationToken);

    /// <summary>Decides many requests, each for itself; or tells what would come of that.</summary>
    public Task<BatchAccessRequestsResponse> BatchReviewAsync(IEnumerable<ReviewAccessRequestRequest> reviews, bool validateOnly, CancellationToken cancellationToken) =>
        _hub.CallAsync(
            _service.BatchReviewAccessRequestsAsync, new BatchReviewAccessRequestsRequest { Reviews = { reviews }, ValidateOnly = validateOnly }, validateOnly, cancellationToken);
}
