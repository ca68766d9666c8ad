using System.Collections.Concurrent;
using Exchange.EventStore.Reading;

namespace Exchange.Server.Feed;

/// <summary>What readers see of a page at the tail, made once for all readers of the same view. Thread-safe.</summary>
/// <param name="projector">Makes it.</param>
/// <param name="slices">The page.</param>
/// <param name="maxBytes">When the page and what is kept of it are larger, nothing more is kept.</param>
internal sealed class SharedChanges(ChangeProjector projector, IReadOnlyList<PartitionSlice> slices, long maxBytes)
{
    private readonly ConcurrentDictionary<FeedViewKey, Lazy<Task<IReadOnlyList<ChangeRun>?>>> views = new();
    private long bytes = slices.Sum(slice => slice.Events.Sum(stored => (long)stored.Payload.Length));

    /// <summary>Bytes of the page's events, and of what is kept for its readers.</summary>
    public long Bytes => Interlocked.Read(ref bytes);

    /// <summary>
    /// The page's changes under a view; null when each of its readers has to make them for itself: no bound is known for what histories bring, and an
    /// opened value is not kept, because its key may be destroyed at any time.
    /// </summary>
    public async ValueTask<IReadOnlyList<ChangeRun>?> FindAsync(FeedView view, CancellationToken cancellationToken)
    {
        if (!views.TryGetValue(view.Key, out var changes))
        {
            if (Bytes > maxBytes)
            {
                return null;
            }

            changes = views.GetOrAdd(view.Key, _ => new Lazy<Task<IReadOnlyList<ChangeRun>?>>(() => Task.Run(() => Make(view))));
        }

        return await changes.Value.WaitAsync(cancellationToken);
    }

    private IReadOnlyList<ChangeRun>? Make(FeedView view)
    {
        var runs = projector.TryTell(view, slices);
        Interlocked.Add(ref bytes, runs?.Sum(run => (long)run.Bytes.Length + (run.Events * sizeof(int))) ?? 0);
        return runs;
    }
}
