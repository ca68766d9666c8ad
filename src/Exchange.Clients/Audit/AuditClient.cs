using Exchange.Clients.Hub;
using Exchange.Protos.V1;
using Google.Protobuf.WellKnownTypes;

namespace Exchange.Clients.Audit;

/// <summary>The audit trail and the log.</summary>
public sealed class AuditClient
{
    private readonly HubConnection _hub;
    private readonly AuditService.AuditServiceClient _service;

    internal AuditClient(HubConnection hub)
    {
        _hub = hub;
        _service = new AuditService.AuditServiceClient(hub.Invoker);
    }

    /// <summary>
    /// Audited reads, newest first: those that the request asks for, or all the caller may see. Read page after page, whatever page the request names; a
    /// long trail is looked through piece by piece.
    /// </summary>
    public IAsyncEnumerable<AuditEntry> ListEntriesAsync(ListAuditEntriesRequest request, CancellationToken cancellationToken) => Pages.AllAsync(
        token => _hub.CallAsync(_service.ListAuditEntriesAsync, new ListAuditEntriesRequest(request) { PageSize = 500, PageToken = token }, true, cancellationToken),
        page => page.Entries,
        page => page.NextPageToken,
        cancellationToken);

    /// <summary>Counts of refused requests by minute, address and reason, newest first; of one address or, with an empty text, of all.</summary>
    /// <param name="since">Only minutes from this time on; null for all.</param>
    /// <param name="address">An IP address, or empty.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public IAsyncEnumerable<RefusedRequest> ListRefusedAsync(DateTimeOffset? since, string address, CancellationToken cancellationToken) => Pages.AllAsync(
        token => _hub.CallAsync(
            _service.ListRefusedRequestsAsync,
            new ListRefusedRequestsRequest { Address = address, StartTime = since?.ToTimestamp(), PageSize = 500, PageToken = token },
            true,
            cancellationToken),
        page => page.RefusedRequests,
        page => page.NextPageToken,
        cancellationToken);

    /// <summary>One page of a partition's events after a position.</summary>
    public Task<ListEventsResponse> ListEventsAsync(int partition, long afterPosition, int pageSize, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.ListEventsAsync, new ListEventsRequest { Partition = partition, AfterPosition = afterPosition, PageSize = pageSize }, true, cancellationToken);

    /// <summary>Recomputes the hash chain of one partition, or of all.</summary>
    public Task<VerifyLogResponse> VerifyAsync(int? partition, CancellationToken cancellationToken)
    {
        var request = new VerifyLogRequest();
        if (partition is { } one)
        {
            request.Partition = one;
        }

        // A long log takes longer than the hub's default deadline.
        return _hub.CallAsync((r, options) => _service.VerifyLogAsync(r, options.WithDeadline(DateTime.UtcNow.AddHours(1))), request, true, cancellationToken);
    }
}
