using Exchange.Clients.Hub;
using Exchange.Protos.V1;

namespace Exchange.Clients.Feed;

/// <summary>The change feed.</summary>
public sealed class FeedClient
{
    private readonly HubConnection _hub;

    internal FeedClient(HubConnection hub) => _hub = hub;

    /// <summary>
    /// Begins to follow and waits for the columns: from the stored checkpoint where there is one, else from where the request
    /// says. Enumerate the stream once; it has no end.
    /// </summary>
    public async Task<FollowStream> FollowAsync(FollowRequest request, ICheckpointStore checkpoints, CancellationToken cancellationToken)
    {
        var stream = new FollowStream(_hub, request, checkpoints, await checkpoints.LoadAsync(cancellationToken));
        try
        {
            await stream.StartAsync(cancellationToken);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>The last position of each partition now: what a follower has caught up with once its proof covers it.</summary>
    public async Task<IReadOnlyDictionary<int, long>> GetHeadsAsync(FollowRequest request, CancellationToken cancellationToken)
    {
        var fromNow = request.Clone();
        fromNow.ClearFrom();
        await using var stream = await FollowAsync(fromNow, new MemoryCheckpointStore(), cancellationToken);
        return stream.Coverage.Through;
    }
}
