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

    private readonly ChangeProjector projector;
    private readonly FeedOptions options;
    private readonly CancellationTokenSource stopping = new();
    private readonly IAsyncEnumerator<SubscriptionBatch> batches;
    private readonly Lock gate = new();
    private readonly List<FeedPage> pages = [];
    private readonly Dictionary<int, long> begin;
    private long first;
    private Task<FeedPage>? reading;

    /// <summary>A window that begins at the heads of the record partitions, as this node knows them.</summary>
    public FeedWindow(EventLog log, ChangeProjector projector, FeedOptions options)
    {
        (this.projector, this.options) = (projector, options);
        var heads = log.Heads.Snapshot();
        begin = log.Partitions.Records.ToDictionary(partition => partition, partition => heads[partition]);
        batches = log.SubscribeAsync(begin.ToDictionary(), options.Reading, stopping.Token).GetAsyncEnumerator(stopping.Token);
    }

    /// <summary>Readers that are using it; kept by <see cref="FeedTail"/>.</summary>
    public int Readers { get; set; }

    /// <summary>True once reading failed: its readers are told, and nobody else should come.</summary>
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
    /// Number of the page with which a reader goes on that is at these positions; null when it lacks something that is in no page. What it has already is
    /// in the pages too.
    /// </summary>
    public long? Join(IReadOnlyDictionary<int, long> positions)
    {
        lock (gate)
        {
            return begin.All(entry => positions[entry.Key] >= entry.Value) ? first : null;
        }
    }

    /// <summary>The page of a number, once it is there; null when it is there no more. One that has not come after a while is <see cref="FeedPage.Nothing"/>.</summary>
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
        catch (TimeoutException)
        {
            return FeedPage.Nothing;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
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
        var page = new FeedPage(slices, new SharedChanges(projector, slices, options.MaxWindowBytes));
        lock (gate)
        {
            pages.Add(page);
            reading = null;
            Shorten();
        }

        return page;
    }

    private void Shorten()
    {
        var (bytes, kept) = (0L, 0);
        while (kept < pages.Count && kept < MostPages && (kept is 0 || bytes <= options.MaxWindowBytes))
        {
            kept++;
            bytes += pages[^kept].Shared!.Bytes;
        }

        var gone = pages.Count - kept;
        foreach (var slice in pages.Take(gone).SelectMany(page => page.Slices))
        {
            begin[slice.Partition] = slice.Through;
        }

        pages.RemoveRange(0, gone);
        first += gone;
    }
}
