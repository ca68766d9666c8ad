using Exchange.Protos.V1;

namespace Exchange.Server.Feed;

/// <summary>
/// Gathers changes and the positions they cover into batches of bounded size. Nothing is covered before its change stands in the same batch, and
/// every batch tells where each partition stands, so a batch lost on the way is a gap that the client sees in the next one, whatever that holds.
/// Not for concurrent use.
/// </summary>
/// <param name="positions">Where each partition stands; kept up to date with every batch taken.</param>
/// <param name="maxBytes">Size of a batch at most, unless one change alone is larger.</param>
/// <param name="maxChangeBytes">Size of a change at most.</param>
internal sealed class FeedBatcher(Dictionary<int, long> positions, int maxBytes, int maxChangeBytes)
{
    // What a batch has besides its changes: a checkpoint, and a range for each partition.
    private const int Besides = 2_048;

    private readonly Dictionary<int, Coverage> coverage = [];
    private FeedBatch batch = new();
    private int bytes;

    /// <summary>True when the batch covers nothing new.</summary>
    public bool IsEmpty => coverage.Count is 0;

    /// <summary>True when the batch holds a change.</summary>
    public bool HasChanges => batch.Changes.Count > 0;

    /// <summary>
    /// Covers the next position of a partition, with its change where the caller may see one. False when the batch has no room for the change: take it
    /// first.
    /// </summary>
    public bool TryAdd(int partition, long position, Change? change)
    {
        // Tag and length come before each change.
        var size = change is null ? 0 : Fit(change) + 5;
        if (bytes > 0 && bytes + size > maxBytes - Besides)
        {
            return false;
        }

        if (!coverage.TryGetValue(partition, out var range))
        {
            range = new Coverage { Partition = partition, After = positions[partition], Through = positions[partition] };
            coverage.Add(partition, range);
        }

        if (position != range.Through + 1)
        {
            throw new InvalidOperationException($"position {position} of partition {partition} does not follow {range.Through}");
        }

        range.Through = position;
        if (change is not null)
        {
            batch.Changes.Add(change);
            bytes += size;
        }

        return true;
    }

    /// <summary>
    /// The batch so far, with a range for each partition, an empty one where nothing is new. It covers up to the positions that now stand in the map;
    /// begins the next one.
    /// </summary>
    public FeedBatch Take()
    {
        var taken = batch;
        foreach (var (partition, position) in positions.OrderBy(entry => entry.Key))
        {
            taken.Coverage.Add(coverage.GetValueOrDefault(partition) ?? new Coverage { Partition = partition, After = position, Through = position });
        }

        foreach (var range in taken.Coverage)
        {
            positions[range.Partition] = range.Through;
        }

        Discard();
        return taken;
    }

    // Leaves out the longest values of a change that no message could take, naming their columns. Returns its size.
    private int Fit(Change change)
    {
        var size = change.CalculateSize();
        while (size > maxChangeBytes && change.Values.Count > 0)
        {
            var longest = change.Values.Index().MaxBy(value => value.Item.CalculateSize()).Index;
            change.OmittedColumns.Add(change.Columns[longest]);
            change.Columns.RemoveAt(longest);
            change.Values.RemoveAt(longest);
            size = change.CalculateSize();
        }

        return size;
    }

    /// <summary>Forgets what was gathered since the last batch.</summary>
    public void Discard()
    {
        batch = new FeedBatch();
        bytes = 0;
        coverage.Clear();
    }
}
