using Exchange.EventStore;

namespace Exchange.Server.Feed;

/// <summary>
/// The tail of the log as this node's feeds share it: an event that all of them wait for is read once, and not at all while nobody follows. Thread-safe.
/// </summary>
internal sealed class FeedTail(EventLog log, FeedOptions options) : IAsyncDisposable
{
    private readonly Lock gate = new();
    private FeedWindow? window;

    /// <summary>Turns events into changes.</summary>
    public ChangeProjector Projector { get; } = new(log, options.MaxChangeBytes, options.MaxHistoryBytes);

    /// <summary>The window for a reader that will <see cref="LeaveAsync"/> it. One that nobody used begins at the heads.</summary>
    public FeedWindow Enter()
    {
        lock (gate)
        {
            if (window is null or { IsBroken: true })
            {
                window = new FeedWindow(log, Projector, options);
            }

            window.Readers++;
            return window;
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

    /// <summary>Ends it; feeds that are left use it no more.</summary>
    public ValueTask DisposeAsync() => window?.DisposeAsync() ?? ValueTask.CompletedTask;
}
