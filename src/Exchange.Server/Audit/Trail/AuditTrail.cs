using Exchange.EventStore;
using Exchange.EventStore.Reading;
using Exchange.Protos.Stored.V1;

namespace Exchange.Server.Audit;

/// <summary>Reads the audit partitions backwards as one list of reads, newest first, each with its outcome where there is one.</summary>
internal sealed class AuditTrail(EventLog log)
{
    private const int WindowEvents = 200;

    /// <summary>Events one page may look at: a page of a department that seldom reads may come back short, with where to go on.</summary>
    private const int MostEvents = 20_000;

    /// <summary>Payload bytes that end a page, which is larger as a message: that may have 4 MiB.</summary>
    private const int MostBytes = 2 * 1024 * 1024;

    /// <summary>One page. An empty <paramref name="before"/> begins at the heads; the page's own says where the next one begins, null at the end.</summary>
    /// <param name="before">Position per audit partition that the page stays below.</param>
    /// <param name="department">Only reads of this department; empty for all.</param>
    /// <param name="size">Entries at most.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<AuditPage> ReadAsync(
        IReadOnlyDictionary<int, long> before, string department, int size, CancellationToken cancellationToken)
    {
        var heads = await log.Reader.ReadHeadsAsync(log.Partitions.Audits, cancellationToken);
        List<BackwardReader> readers =
        [
            .. log.Partitions.Audits.Select(
                partition => new BackwardReader(log.Reader, partition, Math.Min(before.GetValueOrDefault(partition, long.MaxValue), heads[partition] + 1))),
        ];
        List<AuditedRead> reads = [];
        var bytes = 0;
        for (var seen = 0; reads.Count < size && seen < MostEvents && bytes < MostBytes; seen++)
        {
            if (await NewestAsync(readers, cancellationToken) is not { } newest)
            {
                return new AuditPage(await WithOutcomesAsync(reads, cancellationToken), null);
            }

            var stored = newest.Take();
            if ((department.Length is 0 || stored.Caller == department) && AuditedRead.Of(stored) is { } read)
            {
                reads.Add(read);
                bytes += stored.Payload.Length;
            }
        }

        var next = readers.ToDictionary(reader => reader.Partition, reader => reader.Before);
        return new AuditPage(await WithOutcomesAsync(reads, cancellationToken), next.Values.All(position => position <= 1) ? null : next);
    }

    private static async Task<BackwardReader?> NewestAsync(List<BackwardReader> readers, CancellationToken cancellationToken)
    {
        BackwardReader? newest = null;
        foreach (var reader in readers)
        {
            if (await reader.PeekAsync(cancellationToken) is { } candidate && (newest is null || candidate.RecordedAt > newest.Next!.RecordedAt))
            {
                newest = reader;
            }
        }

        return newest;
    }

    private async Task<IReadOnlyList<AuditedRead>> WithOutcomesAsync(List<AuditedRead> reads, CancellationToken cancellationToken)
    {
        Dictionary<Guid, StoredEvent> outcomes = [];
        foreach (var partition in reads.Where(read => read.Intent is not null).GroupBy(read => read.Stored.Partition))
        {
            var streams = partition.Select(read => read.Stored.StreamId).ToList();
            foreach (var stored in await log.Reader.ReadStreamsAsync(partition.Key, streams, long.MaxValue, cancellationToken))
            {
                if (stored.Type is AuditEventTypes.ReadCompleted)
                {
                    outcomes[stored.StreamId] = stored;
                }
            }
        }

        return
        [
            .. reads.Select(read => outcomes.TryGetValue(read.Stored.StreamId, out var outcome)
                ? read with { Completed = (ReadCompleted.Parser.ParseFrom(outcome.Payload.Span), outcome.RecordedAt) }
                : read),
        ];
    }

    // Positions have no gap, so a window of so many positions has so many events.
    private sealed class BackwardReader(EventReader events, int partition, long before)
    {
        private IReadOnlyList<StoredEvent> window = [];
        private int left;

        public int Partition => partition;

        public long Before { get; private set; } = before;

        public StoredEvent? Next => left > 0 ? window[left - 1] : null;

        public async Task<StoredEvent?> PeekAsync(CancellationToken cancellationToken)
        {
            if (left is 0 && Before > 1)
            {
                var after = Math.Max(0, Before - 1 - WindowEvents);
                window = await events.ReadPartitionAsync(partition, after, (int)(Before - 1 - after), cancellationToken);
                left = window.Count;
            }

            return Next;
        }

        public StoredEvent Take()
        {
            var taken = window[--left];
            Before = taken.Position;
            return taken;
        }
    }
}
