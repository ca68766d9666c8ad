using Exchange.EventStore.Reading;

namespace Exchange.Server.Feed;

/// <summary>What readers see of a page at the tail, made once for all readers of the same view. Thread-safe.</summary>
internal sealed class SharedChanges
{
    // What an event takes beside its payload; a view, and a run of it, beside the changes. About.
    private const int EventBytes = 300;
    private const int ViewBytes = 600;
    private const int RunBytes = 150;

    private readonly ChangeProjector projector;
    private readonly IReadOnlyList<PartitionSlice> slices;
    private readonly WindowBudget budget;
    private readonly long estimate;
    private readonly Lock gate = new();
    private readonly Dictionary<FeedViewKey, Task<IReadOnlyList<ChangeRun>?>> views = [];
    private long taken;
    private bool isForgotten;

    /// <summary>Those of a page that joins the window.</summary>
    public SharedChanges(ChangeProjector projector, IReadOnlyList<PartitionSlice> slices, WindowBudget budget)
    {
        (this.projector, this.slices, this.budget) = (projector, slices, budget);
        var (events, bytes) = (slices.Sum(slice => slice.Events.Count), slices.Sum(slice => slice.Events.Sum(stored => (long)stored.Payload.Length)));
        taken = bytes + ((long)events * EventBytes);
        estimate = ViewBytes + bytes + (slices.Count * (long)RunBytes);
        budget.Take(taken);
    }

    /// <summary>
    /// The page's changes under a view; null when each of its readers has to make them for itself: no bound is known for what histories bring, an opened
    /// value is not kept, because its key may be destroyed at any time, and the window keeps no more than its budget.
    /// </summary>
    public async ValueTask<IReadOnlyList<ChangeRun>?> FindAsync(FeedView view, CancellationToken cancellationToken)
    {
        Task<IReadOnlyList<ChangeRun>?>? changes;
        lock (gate)
        {
            if (!views.TryGetValue(view.Key, out changes))
            {
                if (isForgotten)
                {
                    return null;
                }

                changes = Task.Run(() => budget.MakeAsync(() => TryMake(view)), CancellationToken.None);
                views.Add(view.Key, changes);
            }
        }

        return await changes.WaitAsync(cancellationToken);
    }

    /// <summary>The page left the window: a reader that still holds it, because it is slow, does not hold what others saw.</summary>
    public void Forget()
    {
        lock (gate)
        {
            isForgotten = true;
            views.Clear();
            Correct(-taken);
        }
    }

    private IReadOnlyList<ChangeRun>? TryMake(FeedView view)
    {
        lock (gate)
        {
            if (isForgotten)
            {
                return null;
            }

            if (!budget.TryTake(estimate))
            {
                // There may be room for who comes later.
                views.Remove(view.Key);
                return null;
            }

            taken += estimate;
        }

        var size = 0L;
        try
        {
            var runs = projector.TryTell(view, slices);
            size = ViewBytes + (runs?.Sum(run => RunBytes + run.Bytes.Length + run.IndexBytes) ?? 0);
            return runs;
        }
        finally
        {
            lock (gate)
            {
                if (!isForgotten)
                {
                    Correct(size - estimate);
                }
            }
        }
    }

    private void Correct(long bytes)
    {
        taken += bytes;
        budget.Take(bytes);
    }
}
