using Exchange.EventStore;
using Exchange.Server.Audit;

namespace Exchange.Server.Feed;

/// <summary>
/// The tail of the log as this node's feeds share it: an event that all of them wait for is read once, and not at all while nobody waits. Thread-safe.
/// </summary>
internal sealed class FeedTail(EventLog log, OwnerNumbers owners, FeedOptions options) : IAsyncDisposable
{
    private readonly Lock gate = new();
    private FeedWindow? window;

    /// <summary>Turns events into changes.</summary>
    public ChangeProjector Projector { get; } = new(log, options.MaxChangeBytes, options.MaxHistoryBytes, owners);

    /// <summary>
    /// The window, and the number of the page with which a reader goes on that is at these positions, until it leaves; null when it has to catch up
    /// first. Nobody is made to wait for a window that those in it let fall behind: then another one begins.
    /// </summary>
    public (FeedWindow Window, long Number)? TryEnter(IReadOnlyDictionary<int, long> positions)
    {
        lock (gate)
        {
            if (window is null or { IsBroken: true } || window.IsBehind(positions))
            {
                var heads = Heads();
                if (!heads.All(head => positions[head.Key] >= head.Value))
                {
                    return null;
                }

                window = new FeedWindow(log, Projector, options, heads);
            }

            if (window.Join(positions) is not { } number)
            {
                return null;
            }

            window.Readers++;
            return (window, number);
        }
    }

    /// <summary>True while readers come to this window.</summary>
    public bool IsOpen(FeedWindow entered)
    {
        lock (gate)
        {
            return ReferenceEquals(window, entered);
        }
    }

    /// <summary>A reader is gone.</summary>
    public async ValueTask LeaveAsync(FeedWindow left)
    {
        lock (gate)
        {
            left.Readers--;
            if (left.Readers > 0)
            {
                return;
            }

            window = ReferenceEquals(window, left) ? null : window;
        }

        await left.DisposeAsync();
    }

    /// <summary>Ends it.</summary>
    public ValueTask DisposeAsync() => window?.DisposeAsync() ?? ValueTask.CompletedTask;

    private Dictionary<int, long> Heads()
    {
        var heads = log.Heads.Snapshot();
        return log.Partitions.Records.ToDictionary(partition => partition, partition => heads[partition]);
    }
}
