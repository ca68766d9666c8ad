using Exchange.Clients.Hub;
using Exchange.Protos.V1;

namespace Exchange.Clients.Inbox;

/// <summary>Changes on fields of level 3 and 4 that wait for a second steward.</summary>
public sealed class PendingChangesClient
{
    private readonly HubConnection _hub;
    private readonly PendingChangesService.PendingChangesServiceClient _service;

    internal PendingChangesClient(HubConnection hub)
    {
        _hub = hub;
        _service = new PendingChangesService.PendingChangesServiceClient(hub.Invoker);
    }

    /// <summary>The changes that wait for a second steward of a department (`departments/{department}`), the oldest first.</summary>
    public IAsyncEnumerable<PendingChange> ListAsync(string department, CancellationToken cancellationToken) => Pages.AllAsync(
        token => _hub.CallAsync(_service.ListPendingChangesAsync, new ListPendingChangesRequest { Parent = department, PageToken = token }, true, cancellationToken),
        page => page.PendingChanges,
        page => page.NextPageToken,
        cancellationToken);

    /// <summary>Approves a change, by its name `departments/{department}/pendingChanges/{pending_change}`, which is done by that. Not repeated by itself.</summary>
    public Task<PendingChange> ApproveAsync(string name, string reason, CancellationToken cancellationToken) => ReviewAsync(name, ReviewVerdict.Approve, reason, cancellationToken);

    /// <summary>Rejects a change, or takes it back. Not repeated by itself.</summary>
    public Task<PendingChange> RejectAsync(string name, string reason, CancellationToken cancellationToken) => ReviewAsync(name, ReviewVerdict.Reject, reason, cancellationToken);

    private Task<PendingChange> ReviewAsync(string name, ReviewVerdict verdict, string reason, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.ReviewPendingChangeAsync, new ReviewPendingChangeRequest { Name = name, Verdict = verdict, Reason = reason }, false, cancellationToken);
}
