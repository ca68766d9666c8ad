using Exchange.EventStore.Reading;

namespace Exchange.EventStore.Projections;

/// <summary>
/// Reads what a build applies next and, while that is applied, what stands behind it: two pieces are in memory at most. One call at a time.
/// </summary>
/// <param name="log">The log.</param>
/// <param name="maxBytes">Bytes of payloads at which a piece ends.</param>
internal sealed class ReadAhead(EventLog log, int maxBytes) : IAsyncDisposable
{
    private Task<List<PartitionSlice>>? next;
    private List<(int Partition, long Position)> nextFrom = [];
    private int nextMaxEvents;

    /// <summary>The events behind these positions, as far as this node knows there are; none when it knows of none.</summary>
    /// <param name="from">The positions, one of each partition.</param>
    /// <param name="maxEvents">The most events, shared out evenly.</param>
    /// <param name="cancellationToken">Ends it early, and what it began.</param>
    public async Task<List<PartitionSlice>> ReadAsync(IReadOnlyList<(int Partition, long Position)> from, int maxEvents, CancellationToken cancellationToken)
    {
        var slices = await TakeAsync(from, maxEvents) ?? await ReadNowAsync(from, maxEvents, cancellationToken);

        // A short piece ends at the head: there is nothing behind it yet.
        if (slices.Sum(slice => slice.Events.Count) * 2 > maxEvents)
        {
            nextFrom = [.. from.Select(start => slices.Find(slice => slice.Partition == start.Partition) is { } slice ? (slice.Partition, slice.Through) : start)];
            nextMaxEvents = maxEvents;
            next = ReadNowAsync(nextFrom, maxEvents, cancellationToken);
        }

        return slices;
    }

    /// <summary>Waits for what was begun.</summary>
    public async ValueTask DisposeAsync() => await DropAsync();

    /// <summary>What was read ahead, if it is what is asked for; null when not.</summary>
    private async Task<List<PartitionSlice>?> TakeAsync(IReadOnlyList<(int Partition, long Position)> from, int maxEvents)
    {
        if (next is not { } read || nextMaxEvents != maxEvents || !nextFrom.SequenceEqual(from))
        {
            await DropAsync();
            return null;
        }

        next = null;
        return await read;
    }

    private async Task DropAsync()
    {
        if (next is { } dropped)
        {
            next = null;
            await dropped.ContinueWith(static read => _ = read.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private Task<List<PartitionSlice>> ReadNowAsync(IReadOnlyList<(int Partition, long Position)> from, int maxEvents, CancellationToken cancellationToken)
    {
        var pieces = new List<(int Partition, long After, long Through)>();
        foreach (var (partition, position) in from)
        {
            var count = Math.Min(log.Heads.Confirm(partition).Head - position, Math.Max(1, maxEvents / from.Count));
            if (count > 0)
            {
                pieces.Add((partition, position, position + count));
            }
        }

        return pieces.Count is 0 ? Task.FromResult<List<PartitionSlice>>([]) : log.Reader.ReadSlicesAsync(pieces, maxBytes, areBrief: false, cancellationToken);
    }
}
