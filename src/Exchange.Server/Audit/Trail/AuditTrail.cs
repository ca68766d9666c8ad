using Exchange.Catalog.Governance;
using Exchange.EventStore;

namespace Exchange.Server.Audit;

/// <summary>
/// Reads the audit partitions backwards as one list of reads, newest first, each with its outcome where there is one. There is no index by owner or
/// field, which every read would have to write: of a million reads of a month the first page is there in 25 ms where something matches, and where
/// nothing does all of them are looked through in 12 s, a quarter of a second a page (2 shared cores, PostgreSQL on the same).
/// </summary>
internal sealed class AuditTrail(EventLog log)
{
    /// <summary>Events one page may look at: a page of what is seldom read may come back short, with where to go on.</summary>
    public const int MostEvents = 40_000;

    /// <summary>Payload bytes that end a page, which is larger as a message: that may have 4 MiB.</summary>
    private const int MostBytes = 2 * 1024 * 1024;

    /// <summary>
    /// One page. An empty <paramref name="before"/> begins at the heads, or at the query's end; the page's own says where the next one begins, null at
    /// the end.
    /// </summary>
    /// <param name="before">Position per audit partition that the page stays below.</param>
    /// <param name="query">Which reads.</param>
    /// <param name="state">Governance: who owns fields.</param>
    /// <param name="size">Entries at most.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<AuditPage> ReadAsync(
        IReadOnlyDictionary<int, long> before, AuditQuery query, GovernanceState state, int size, CancellationToken cancellationToken)
    {
        var heads = await log.Reader.ReadHeadsAsync(log.Partitions.Audits, cancellationToken);
        List<BackwardReader> readers = [];
        foreach (var partition in log.Partitions.Audits)
        {
            var begin = before.TryGetValue(partition, out var told) ? told
                : query.EndTime is { } end ? await LastBeforeAsync(partition, end, cancellationToken) + 1
                : long.MaxValue;
            var floor = query.StartTime is { } start ? await LastBeforeAsync(partition, start, cancellationToken) : 0;
            readers.Add(new BackwardReader(log.Reader, query, partition, Math.Min(begin, heads[partition] + 1), floor));
        }

        List<AuditedRead> reads = [];
        var (bytes, seen, oldest) = (0, 0, default(DateTimeOffset?));
        for (; reads.Count < size && seen < MostEvents && bytes < MostBytes; seen++)
        {
            if (await NewestAsync(readers, cancellationToken) is not { } newest)
            {
                break;
            }

            oldest = newest.Next;
            if (newest.Take() is { } read && query.End(read, state) is { } wanted)
            {
                reads.Add(wanted);
                bytes += read.Stored.Payload.Length;
            }
        }

        var found = query.AsksForOutcomes ? reads : await WithOutcomesAsync(reads, cancellationToken);
        var next = readers.TrueForAll(reader => reader.IsAtEnd) ? null : readers.ToDictionary(reader => reader.Partition, reader => reader.Before);
        return new AuditPage(found, next, seen, oldest);
    }

    // Times rise with positions.
    private Task<long> LastBeforeAsync(int partition, DateTimeOffset time, CancellationToken cancellationToken) =>
        log.Reader.FindPositionAsync(partition, time.AddTicks(-1), cancellationToken);

    private static async Task<BackwardReader?> NewestAsync(List<BackwardReader> readers, CancellationToken cancellationToken)
    {
        BackwardReader? newest = null;
        foreach (var reader in readers)
        {
            if (await reader.PeekAsync(cancellationToken) is { } candidate && (newest is null || candidate > newest.Next))
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
            await foreach (var stored in log.Reader.EnumerateStreamsAsync(partition.Key, [.. partition.Select(read => read.Stored.StreamId)], long.MaxValue, cancellationToken))
            {
                if (stored.Type is AuditEventTypes.ReadCompleted)
                {
                    outcomes[stored.StreamId] = stored;
                }
            }
        }

        return [.. reads.Select(read => outcomes.TryGetValue(read.Stored.StreamId, out var outcome) ? read.With(outcome) : read)];
    }
}
