using System.Runtime.InteropServices;
using Exchange.Protos.V1;
using Exchange.Server.Audit;
using Exchange.Server.Records.Events;

namespace Exchange.Server.Feed;

/// <summary>
/// Gathers changes and the positions they cover into batches of bounded size. Nothing is covered before its change stands in the same batch, and
/// every batch tells where each partition stands, so a batch lost on the way is a gap that the client sees in the next one, whatever that holds.
/// Not for concurrent use.
/// </summary>
/// <param name="positions">Where each partition stands; kept up to date with every batch taken.</param>
/// <param name="maxBytes">Size of a batch at most, unless one change alone is larger.</param>
internal sealed class FeedBatcher(Dictionary<int, long> positions, int maxBytes)
{
    // What a batch has besides its changes: a checkpoint, and a range for each partition.
    private const int Besides = 2_048;

    private readonly int[] partitions = [.. positions.Keys.Order()];
    private readonly Dictionary<int, long> through = [];
    private readonly List<ReadOnlyMemory<byte>> changes = [];
    private readonly Dictionary<OwnerSet, int> owners = [];
    private int bytes;

    /// <summary>True when the batch covers nothing new.</summary>
    public bool IsEmpty => through.Count is 0;

    /// <summary>Changes that a batch may have at most, from 1.</summary>
    public long Room { get; set; } = long.MaxValue;

    /// <summary>Changes in the batch.</summary>
    public int Changes { get; private set; }

    /// <summary>How many of them had which owners.</summary>
    public IReadOnlyDictionary<OwnerSet, int> Owners => owners;

    /// <summary>
    /// Covers events of a run from one of them on, with their changes, as far as there is room; at least one in an empty batch. Returns the first
    /// event for which there is none: take the batch before it.
    /// </summary>
    public int Add(ChangeRun run, int from)
    {
        var last = through.GetValueOrDefault(run.Partition, positions[run.Partition]);
        if (run.After + from != last)
        {
            throw new InvalidOperationException($"position {run.After + from + 1} of partition {run.Partition} does not follow {last}");
        }

        var ends = run.Ends;
        var start = from is 0 ? 0 : ends[from - 1];
        var (end, next) = (start, from);
        for (; next < ends.Length; next++)
        {
            var size = ends[next] - end;
            if (size > 0)
            {
                if (bytes > 0 && (Changes >= Room || bytes + size > maxBytes - Besides))
                {
                    break;
                }

                (bytes, end) = (bytes + size, ends[next]);
                Changes++;
                if (!run.Owners.IsEmpty)
                {
                    CollectionsMarshal.GetValueRefOrAddDefault(owners, run.Owners[next], out _)++;
                }
            }
        }

        if (next > from)
        {
            through[run.Partition] = run.After + next;
        }

        if (end > start)
        {
            changes.Add(run.Bytes[start..end]);
        }

        return next;
    }

    /// <summary>
    /// The batch so far, with a range for each partition, an empty one where nothing is new. It covers up to the positions that now stand in the map;
    /// begins the next one.
    /// </summary>
    /// <param name="checkpoint">Tells the checkpoint of those positions.</param>
    public FeedFrame Take(Func<string> checkpoint)
    {
        var coverage = new WireBuffer(1_024);
        foreach (var partition in partitions)
        {
            Cover(coverage, partition);
        }

        var end = new WireBuffer(1_024);
        end.TextField(FeedBatch.CheckpointFieldNumber, checkpoint());
        var begin = new WireBuffer(coverage.Length + 16);
        begin.Tag(FollowResponse.BatchFieldNumber, WireBuffer.Delimited);
        begin.Unsigned((ulong)(coverage.Length + bytes + end.Length));
        begin.Raw(coverage.Written);
        var frame = new FeedFrame([begin.WrittenMemory, .. changes, end.WrittenMemory]);
        Discard();
        return frame;
    }

    /// <summary>Forgets what was gathered since the last batch.</summary>
    public void Discard()
    {
        changes.Clear();
        through.Clear();
        owners.Clear();
        (bytes, Changes) = (0, 0);
    }

    private void Cover(WireBuffer buffer, int partition)
    {
        var before = positions[partition];
        var range = buffer.BeginMessage(FeedBatch.CoverageFieldNumber);
        WriteNumber(buffer, Coverage.PartitionFieldNumber, partition);
        WriteNumber(buffer, Coverage.AfterFieldNumber, before);
        WriteNumber(buffer, Coverage.ThroughFieldNumber, positions[partition] = through.GetValueOrDefault(partition, before));
        buffer.EndMessage(range);
    }

    private static void WriteNumber(WireBuffer buffer, int field, long number)
    {
        if (number is not 0)
        {
            buffer.Tag(field, WireBuffer.Varint);
            buffer.Unsigned((ulong)number);
        }
    }
}
