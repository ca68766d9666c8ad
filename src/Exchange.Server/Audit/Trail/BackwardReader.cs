using Exchange.EventStore;
using Exchange.EventStore.Reading;

namespace Exchange.Server.Audit;

/// <summary>
/// Reads one audit partition backwards, a window at a time in a short transaction, and keeps of it the entries that a query may want. Not for
/// concurrent use.
/// </summary>
/// <param name="events">The log.</param>
/// <param name="query">Which reads.</param>
/// <param name="partition">The partition.</param>
/// <param name="before">Position that it begins below.</param>
/// <param name="floor">Position that it ends at, itself not read.</param>
internal sealed class BackwardReader(EventReader events, AuditQuery query, int partition, long before, long floor)
{
    private const int FewestEvents = 200;
    private const int MostEvents = 2_000;
    private const int WindowBytes = 1024 * 1024;

    // INVARIANT: an outcome stands behind its intent in the same partition, so on the way back it comes first.
    private readonly Dictionary<Guid, StoredEvent> outcomes = [];
    private (DateTimeOffset Time, AuditedRead? Read)[] window = [];
    private int left;
    private int size = FewestEvents;

    /// <summary>The partition.</summary>
    public int Partition => partition;

    /// <summary>Position of the last event taken; where it began before that.</summary>
    public long Before { get; private set; } = before;

    /// <summary>True when nothing is left.</summary>
    public bool IsAtEnd => Before <= floor + 1;

    /// <summary>When the next event was recorded; null when none is loaded.</summary>
    public DateTimeOffset? Next => left > 0 ? window[left - 1].Time : null;

    /// <summary>As <see cref="Next"/>, null only at the end.</summary>
    public async Task<DateTimeOffset?> PeekAsync(CancellationToken cancellationToken)
    {
        if (left is 0 && !IsAtEnd)
        {
            var after = Math.Max(floor, Before - 1 - size);
            await LoadAsync(await events.ReadPartitionAsync(partition, after, (int)(Before - 1 - after), cancellationToken), cancellationToken);
        }

        return Next;
    }

    /// <summary>Goes past the next event. Returns the entry that it begins, with its outcome where the query asks for that; null when it is not wanted.</summary>
    public AuditedRead? Take()
    {
        // Positions have no gap.
        Before--;
        return window[--left].Read;
    }

    private async Task LoadAsync(IReadOnlyList<StoredEvent> stored, CancellationToken cancellationToken)
    {
        window = [.. stored.Select(one => (one.RecordedAt, query.Begin(one)))];
        left = window.Length;
        var bytes = Math.Max(1, stored.Sum(one => (long)one.Payload.Length));
        size = (int)Math.Clamp(WindowBytes * (long)stored.Count / bytes, FewestEvents, MostEvents);
        if (query.AsksForOutcomes)
        {
            await FindOutcomesAsync(stored, cancellationToken);
        }
    }

    private async Task FindOutcomesAsync(IReadOnlyList<StoredEvent> stored, CancellationToken cancellationToken)
    {
        foreach (var one in stored.Where(one => one.Type is AuditEventTypes.ReadCompleted))
        {
            outcomes[one.StreamId] = one;
        }

        List<Guid> missing =
        [
            .. window.Select(one => one.Read).OfType<AuditedRead>()
                .Where(read => read.Intent is not null)
                .Select(read => read.Stored.StreamId)
                .Where(stream => !outcomes.ContainsKey(stream)),
        ];
        if (missing.Count > 0)
        {
            await foreach (var one in events.EnumerateStreamsAsync(partition, missing, long.MaxValue, cancellationToken))
            {
                if (one.Type is AuditEventTypes.ReadCompleted)
                {
                    outcomes[one.StreamId] = one;
                }
            }
        }

        foreach (var (index, one) in stored.Index())
        {
            if (one.Type is AuditEventTypes.ReadIntended && outcomes.Remove(one.StreamId, out var outcome) && window[index].Read is { } read)
            {
                window[index].Read = read.With(outcome);
            }
        }
    }
}
