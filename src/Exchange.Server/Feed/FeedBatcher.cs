using Exchange.Protos.V1;

namespace Exchange.Server.Feed;

/// <summary>
/// Gathers changes and the positions they cover into batches of bounded size. Nothing is covered before its change stands in the same batch,
/// so a batch lost on the way is a gap that the client sees. Not for concurrent use.
/// </summary>
/// <param name="positions">Where each partition stands; kept up to date with every batch taken.</param>
/// <param name="maxBytes">Size from which on a batch is full.</param>
internal sealed class FeedBatcher(Dictionary<int, long> positions, int maxBytes)
{
    private readonly Dictionary<int, Coverage> coverage = [];
    private FeedBatch batch = new();
    private int bytes;

    /// <summary>True when the batch should be taken before more is added.</summary>
    public bool IsFull => bytes >= maxBytes;

    /// <summary>True when the batch covers nothing.</summary>
    public bool IsEmpty => coverage.Count is 0;

    /// <summary>Covers the next position of a partition, with its change where the caller may see one.</summary>
    public void Add(int partition, long position, Change? change)
    {
        if (!coverage.TryGetValue(partition, out var range))
        {
            range = new Coverage { Partition = partition, After = positions[partition], Through = positions[partition] };
            coverage.Add(partition, range);
            batch.Coverage.Add(range);
        }

        if (position != range.Through + 1)
        {
            throw new InvalidOperationException($"position {position} of partition {partition} does not follow {range.Through}");
        }

        range.Through = position;
        if (change is not null)
        {
            batch.Changes.Add(change);
            bytes += change.CalculateSize() + 4;
        }
    }

    /// <summary>The batch so far, which covers up to the positions that now stand in the map; begins the next one.</summary>
    public FeedBatch Take()
    {
        var taken = batch;
        foreach (var range in taken.Coverage)
        {
            positions[range.Partition] = range.Through;
        }

        Discard();
        return taken;
    }

    /// <summary>Forgets what was gathered since the last batch.</summary>
    public void Discard()
    {
        batch = new FeedBatch();
        bytes = 0;
        coverage.Clear();
    }
}
