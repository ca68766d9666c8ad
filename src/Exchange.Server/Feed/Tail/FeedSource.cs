using Exchange.EventStore;
using Exchange.EventStore.Reading;

namespace Exchange.Server.Feed;

/// <summary>
/// What one feed has to look at next: pages of its own while it catches up, of which one is read ahead, then those of the tail; again its own when it
/// is too slow for the tail. Not for concurrent use.
/// </summary>
/// <param name="log">The log.</param>
/// <param name="tail">Its tail.</param>
/// <param name="positions">Where the feed is: everything up to there was looked at when it asks for more.</param>
/// <param name="options">Bounds.</param>
/// <param name="cancellationToken">Ends with the feed.</param>
internal sealed class FeedSource(
    EventLog log, FeedTail tail, IReadOnlyDictionary<int, long> positions, FeedOptions options, CancellationToken cancellationToken) : IAsyncDisposable
{
    private (FeedWindow Window, long Number)? joined;
    private IAsyncEnumerator<SubscriptionBatch>? own;
    private Task<bool>? ahead;

    /// <summary>The next page, or after a while the one that says that nothing is new.</summary>
    public async Task<FeedPage> NextAsync()
    {
        if (own is null)
        {
            joined ??= tail.TryEnter(positions);
            if (joined is var (window, number))
            {
                if (tail.IsOpen(window) && await window.ReadAsync(number, cancellationToken) is { } page)
                {
                    joined = (window, page.Slices.Count is 0 ? number : number + 1);
                    return page;
                }

                await LeaveAsync();
            }

            own = log.SubscribeAsync(positions.ToDictionary(), options.Reading, cancellationToken).GetAsyncEnumerator(cancellationToken);
            ahead = own.MoveNextAsync().AsTask();
        }

        if (!await ahead!)
        {
            throw new InvalidOperationException("a subscription without end has ended");
        }

        var batch = own.Current;
        joined = tail.TryEnter(batch.Positions);
        if (joined is null)
        {
            ahead = own.MoveNextAsync().AsTask();
        }
        else
        {
            await StopAsync();
        }

        return new FeedPage(batch.Slices);
    }

    /// <summary>Stops reading; the token was cancelled, or nothing is being read.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await LeaveAsync();
    }

    private async ValueTask StopAsync()
    {
        if (own is not null)
        {
            // An enumerator must stand still before it is disposed.
            await ((Task)ahead!).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await own.DisposeAsync();
            own = null;
        }
    }

    private async ValueTask LeaveAsync()
    {
        if (joined is var (window, _))
        {
            joined = null;
            await tail.LeaveAsync(window);
        }
    }
}
