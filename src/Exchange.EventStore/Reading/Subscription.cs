using System.Diagnostics;
using System.Runtime.CompilerServices;
using Exchange.EventStore.Committing;

namespace Exchange.EventStore.Reading;

/// <summary>Reads partitions from given positions on. Between two batches it holds neither a connection nor events.</summary>
internal sealed class Subscription(EventReader reader, HeadMonitor heads, SubscriptionOptions options)
{
    // A reader that keeps up would else ask once per commit.
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(200);

    public async IAsyncEnumerable<SubscriptionBatch> ReadAsync(
        IReadOnlyDictionary<int, long> after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var positions = new SortedDictionary<int, long>(after.ToDictionary());
        var stopAt = await CheckAsync(positions, cancellationToken);
        var known = new Dictionary<int, long>(positions.Count);
        var served = int.MaxValue;
        var maxEvents = options.MaxEvents;
        while (true)
        {
            var next = heads.NextChange;
            var asked = Stopwatch.GetTimestamp();
            if (!heads.ReadInto(known, positions))
            {
                if (options.StopAtHead && positions.All(p => p.Value >= stopAt[p.Key]))
                {
                    yield break;
                }

                if (!await IsSignalledAsync(next, cancellationToken))
                {
                    yield return new SubscriptionBatch([], CaughtUp: true) { Positions = positions.ToDictionary() };
                }

                continue;
            }

            var slices = await ReadSlicesAsync(Choose(positions, known, maxEvents, served), cancellationToken);
            served = slices[^1].Partition;
            foreach (var slice in slices)
            {
                positions[slice.Partition] = slice.Through;
            }

            maxEvents = NextMaxEvents(slices);
            var isCaughtUp = positions.All(p => p.Value >= known[p.Key]);
            yield return new SubscriptionBatch(slices, isCaughtUp) { Positions = positions.ToDictionary() };

            if (isCaughtUp && Linger - Stopwatch.GetElapsedTime(asked) is { Ticks: > 0 } rest)
            {
                await Task.Delay(rest, cancellationToken);
            }
        }
    }

    private async Task<IReadOnlyDictionary<int, long>> CheckAsync(SortedDictionary<int, long> positions, CancellationToken cancellationToken)
    {
        var now = await reader.ReadHeadsAsync(positions.Keys, cancellationToken);
        foreach (var (partition, position) in positions)
        {
            if (!now.TryGetValue(partition, out var head) || position < 0 || position > head)
            {
                throw new ArgumentOutOfRangeException(nameof(positions), $"position {position} of partition {partition} does not exist");
            }

            heads.Advance(partition, head);
        }

        return now;
    }

    private async Task<bool> IsSignalledAsync(Task next, CancellationToken cancellationToken)
    {
        try
        {
            await next.WaitAsync(options.IdleInterval, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>
    /// Takes what is new, partition after partition, beginning behind the one that was served last, so that none starves. Where there is much to read,
    /// the first of them fills the batch: every piece is a statement of its own.
    /// </summary>
    private static List<(int Partition, long After, long Through)> Choose(
        SortedDictionary<int, long> positions, Dictionary<int, long> known, int maxEvents, int served)
    {
        var pieces = new List<(int Partition, long After, long Through)>();
        foreach (var (partition, position) in positions.Where(p => known[p.Key] > p.Value).OrderBy(p => p.Key <= served))
        {
            var count = (int)Math.Min(known[partition] - position, maxEvents);
            pieces.Add((partition, position, position + count));
            maxEvents -= count;
            if (maxEvents is 0)
            {
                break;
            }
        }

        return pieces;
    }

    private int NextMaxEvents(List<PartitionSlice> slices)
    {
        var (events, bytes) = (0, 0L);
        foreach (var slice in slices)
        {
            events += slice.Events.Count;
            foreach (var stored in slice.Events)
            {
                bytes += stored.Payload.Length;
            }
        }

        var average = Math.Max(1, bytes / Math.Max(1, events));
        return (int)Math.Clamp(options.MaxBytes / average, 1, options.MaxEvents);
    }

    private async Task<List<PartitionSlice>> ReadSlicesAsync(List<(int Partition, long After, long Through)> pieces, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await reader.ReadSlicesAsync(pieces, options.MaxBytes, options.IsBrief, cancellationToken);
            }
            catch (Exception e) when (CommitFault.IsTransient(e))
            {
                // A reader outlives a restart of the database; whoever needs to know that it is away asks HeadMonitor.
                await Task.Delay(RetryPause, cancellationToken);
            }
        }
    }
}
