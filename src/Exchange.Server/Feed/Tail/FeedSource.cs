using Exchange.EventStore;
using Exchange.EventStore.Reading;

namespace Exchange.Server.Feed;

/// <summary>
/// What one feed has to look at next: pages of its own while it catches up, of which one is read ahead, then those of the tail; again its own when it
/// is too slow for the tail. Not for concurrent use.
/// </summary>
/// <param name="log">The log.</param>
/// <param name="window">The tail.</param>
/// <param name="positions">Where the feed is: everything up to there was looked at when it asks for more.</param>
/// <param name="options">Bounds.</param>
/// <param name="cancellationToken">Ends with the feed.</param>
internal sealed class FeedSource(
    EventLog log, FeedWindow window, IReadOnlyDictionary<int, long> positions, FeedOptions options, CancellationToken cancellationToken) : IAsyncDisposable
{
    private long? number;
    private IAsyncEnumerator<SubscriptionBatch>? own;
    private Task<bool>? ahead;

    /// <summary>The next page, or after a while the one that says that nothing is new.</summary>
    public async Task<FeedPage> NextAsync()
    {
        if (own is null)
        {
            number ??= window.Join(positions);
            if (number is { } wanted && await window.ReadAsync(wanted, cancellationToken) is { } page)
            {
                number = page.Slices.Count is 0 ? wanted : wanted + 1;
                return page;
            }

            own = log.SubscribeAsync(positions.ToDictionary(), options.Reading, cancellationToken).GetAsyncEnumerator(cancellationToken);
            ahead = own.MoveNextAsync().AsTask();
        }

        if (!await ahead!)
        {
            throw new InvalidOperationException("a subscription without end has ended");
        }

        var batch = own.Current;
        number = window.Join(batch.Positions);
        if (number is null)
        {
            ahead = own.MoveNextAsync().AsTask();
        }
        else
        {
            await DisposeAsync();
        }

        return new FeedPage(batch.Slices);
    }

    /// <summary>Stops reading; the token was cancelled, or nothing is being read.</summary>
    public async ValueTask DisposeAsync()
    {
        if (own is not null)
        {
            // An enumerator must stand still before it is disposed.
            await ((Task)ahead!).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await own.DisposeAsync();
            own = null;
        }
    }
}
