using System.Runtime.CompilerServices;
using Exchange.Clients.Hub;
using Exchange.Clients.Identity;
using Exchange.Protos.V1;
using Grpc.Core;

namespace Exchange.Clients.Inbox;

/// <summary>What a department is told of its requests and grants.</summary>
public sealed class InboxClient
{
    private readonly HubConnection _hub;
    private readonly InboxService.InboxServiceClient _service;

    internal InboxClient(HubConnection hub)
    {
        _hub = hub;
        _service = new InboxService.InboxServiceClient(hub.Invoker);
    }

    /// <summary>A page of notices to a department (`departments/{department}`).</summary>
    public Task<ListNoticesResponse> ListAsync(string department, long afterPosition, int pageSize, bool newest, CancellationToken cancellationToken) =>
        _hub.CallAsync(
            _service.ListNoticesAsync, new ListNoticesRequest { Parent = department, AfterPosition = afterPosition, PageSize = pageSize, Newest = newest }, true, cancellationToken);

    /// <summary>
    /// Follows the notices to a department without end, each response with the position to begin behind next time. Where a stream breaks, or ends with its token, the
    /// next one begins where it was: no notice is missed, none comes twice.
    /// </summary>
    public async IAsyncEnumerable<FollowInboxResponse> FollowAsync(string department, long? afterPosition, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var recovery = new Recovery(_hub);
        var request = new FollowInboxRequest { Parent = department };
        if (afterPosition is { } after)
        {
            request.AfterPosition = after;
        }

        while (true)
        {
            using var stream = new InboxStream(_hub, _service, request);
            while (await stream.NextAsync(recovery, cancellationToken) is { } response)
            {
                recovery.Progress();
                request.AfterPosition = response.Position;
                yield return response;
            }
        }
    }

    // One stream as long as it lasts: null once it broke in a way that another may mend.
    private sealed class InboxStream(HubConnection hub, InboxService.InboxServiceClient service, FollowInboxRequest request) : IDisposable
    {
        private AccessToken? _token;
        private AsyncServerStreamingCall<FollowInboxResponse>? _call;

        public async Task<FollowInboxResponse?> NextAsync(Recovery recovery, CancellationToken cancellationToken)
        {
            try
            {
                _token ??= await hub.Tokens.TakeAsync(cancellationToken);
                _call ??= service.FollowInbox(request, HubConnection.Call(_token, cancellationToken));
                return await _call.ResponseStream.MoveNext(cancellationToken)
                    ? _call.ResponseStream.Current
                    : throw new ExchangeException(StatusCode.Unavailable, StatusDetails.Transport, "the hub ended the stream", null);
            }
            catch (Exception e) when (e is RpcException or ExchangeException)
            {
                await recovery.RecoverAsync(e, _token, true, cancellationToken);
                return null;
            }
        }

        public void Dispose() => _call?.Dispose();
    }
}
