using Exchange.EventStore;
using Exchange.EventStore.Reading;

namespace Exchange.Server.Feed;

/// <summary>
/// The last pages of the log, read once for all readers that are at its tail. Pages are numbered; the next one is read when the first reader asks for
/// it, and the oldest ones go when there are too many. Thread-safe.
/// </summary>
internal sealed class FeedWindow : IAsyncDisposable
{
    private const int MostPages = 256;

    // Full pages that a reader who comes may have to wait for: read in a moment, and fewer would send all readers to reads of their own under load.
    private const int MostBehind = 10;

    private readonly ChangeProjector projector;
    private readonly FeedOptions options;
    private readonly WindowBudget budget;
    private readonly CancellationTokenSource stopping = new();
    private readonly IAsyncEnumerator<SubscriptionBatch> batches;
    private readonly Lock gate = new();
    private readonly List<FeedPage> pages = [];
    private readonly Dictionary<int, long> begin;
    private readonly Dictionary<int, long> end;
    private long first;
    private Task<FeedPage>? reading;
    private bool isDisposed;

    /// <summary>A window that begins at these heads.</summary>
    public FeedWindow(EventLog log, ChangeProjector projector, FeedOptions options, IReadOnlyDictionary<int, long> heads)
    {
        (this.projector, this.options) = (projector, options);
        (budget, begin, end) = (new WindowBudget(options.MaxWindowBytes), heads.ToDictionary(), heads.ToDictionary());
        batches = log.SubscribeAsync(heads, options.Reading, stopping.Token).GetAsyncEnumerator(stopping.Token);
    }

    /// <summary>Readers that are in it; kept by <see cref="FeedTail"/>.</summary>
    public int Readers { get; set; }

    /// <summary>True once reading failed: its readers read by themselves, and nobody else should come.</summary>
    public bool IsBroken
    {
        get
        {
            lock (gate)
            {
                return reading is { IsCompleted: true, IsCompletedSuccessfully: false };
            }
        }
    }

    /// <summary>
    /// Number of the page with which a reader goes on that is at these positions; null when it lacks something that is in no page. It may have a part of
    /// that page already.
    /// </summary>
    public long? Join(IReadOnlyDictionary<int, long> positions)
    {
        lock (gate)
        {
            if (!begin.All(entry => positions[entry.Key] >= entry.Value))
            {
                return null;
            }

            var known = pages.FindIndex(page => page.Slices.Any(slice => slice.Through > positions[slice.Partition]));
            return first + (known < 0 ? pages.Count : known);
        }
    }

    /// <summary>True when a reader at these positions would have to wait until much was read that it has already.</summary>
    public bool IsBehind(IReadOnlyDictionary<int, long> positions)
    {
        lock (gate)
        {
            return end.Sum(entry => Math.Max(0, positions[entry.Key] - entry.Value)) > (long)MostBehind * options.MaxEvents;
        }
    }

    /// <summary>
    /// The page of a number, once it is there; null when it is there no more, or cannot be read. One that has not come after a while is
    /// <see cref="FeedPage.Nothing"/>.
    /// </summary>
    public async Task<FeedPage?> ReadAsync(long number, CancellationToken cancellationToken)
    {
        Task<FeedPage> next;
        lock (gate)
        {
            if (number < first + pages.Count)
            {
                return number < first ? null : pages[(int)(number - first)];
            }

            next = reading ??= Task.Run(ReadNextAsync, stopping.Token);
        }

        try
        {
            return await next.WaitAsync(options.IdleInterval, cancellationToken);
        }
        catch (Exception) when (next.IsFaulted || next.IsCanceled)
        {
            // Whoever reads by itself hears of it, if it lasts.
            return null;
        }
        catch (TimeoutException)
        {
            // The page may have come in this very moment: then it is there when it is asked for again.
            return FeedPage.Nothing;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref isDisposed, true))
        {
            return;
        }

        await stopping.CancelAsync();

        // An enumerator must stand still before it is disposed.
        await ((Task?)reading ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await batches.DisposeAsync();
        stopping.Dispose();
    }

    private async Task<FeedPage> ReadNextAsync()
    {
        do
        {
            if (!await batches.MoveNextAsync())
            {
                throw new InvalidOperationException("a subscription without end has ended");
            }
        }
        while (batches.Current.Slices.Count is 0);

        var slices = batches.Current.Slices;
        var page = new FeedPage(slices, new SharedChanges(projector, slices, budget));
        lock (gate)
        {
            pages.Add(page);
            foreach (var slice in slices)
            {
                end[slice.Partition] = slice.Through;
            }

            reading = null;
            while (pages.Count > 1 && (pages.Count > MostPages || budget.IsShort))
            {
                DropFirst();
            }
        }

        return page;
    }

    private void DropFirst()
    {
        foreach (var slice in pages[0].Slices)
        {
            begin[slice.Partition] = slice.Through;
        }

        pages[0].Shared!.Forget();
        pages.RemoveAt(0);
        first++;
    }
}
