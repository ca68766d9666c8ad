using Exchange.Catalog;
using Exchange.EventStore;
using Exchange.EventStore.Sealing;
using Exchange.Server.Records.Events;
using Exchange.Server.Records.Reading;

namespace Exchange.Server.Feed;

/// <summary>Streams of a page, read to be folded event by event alongside the page.</summary>
internal sealed class RecordHistories
{
    private const int MostStreams = 200;

    private readonly Dictionary<Guid, (RecordFold Fold, Queue<RecordEvent> Ahead)> histories = [];

    /// <summary>Reads the histories of records of one resource, with the sealed values that are wanted.</summary>
    public static async Task<RecordHistories> ReadAsync(
        EventLog log, ResourceDefinition resource, IEnumerable<(int Partition, Guid StreamId, long Through)> streams, Func<int, bool> isWanted,
        CancellationToken cancellationToken)
    {
        var result = new RecordHistories();
        List<RecordEvent> events = [];
        foreach (var partition in streams.GroupBy(stream => stream.Partition))
        {
            var through = partition.Max(stream => stream.Through);
            foreach (var some in partition.Select(stream => stream.StreamId).Distinct().Chunk(MostStreams))
            {
                var stored = await log.Reader.ReadStreamsAsync(partition.Key, some, through, cancellationToken);
                events.AddRange(stored.Select(RecordEvent.Parse).OfType<RecordEvent>());
            }
        }

        var keys = await LoadKeysAsync(log, events.Where(e => IsToOpen(e, isWanted)), cancellationToken);
        foreach (var recordEvent in events)
        {
            var stream = recordEvent.Stored.StreamId;
            if (!result.histories.TryGetValue(stream, out var history))
            {
                history = (new RecordFold(resource), new Queue<RecordEvent>());
                result.histories.Add(stream, history);
            }

            history.Ahead.Enqueue(IsToOpen(recordEvent, isWanted) ? recordEvent.Unseal(keys) : recordEvent);
        }

        return result;
    }

    /// <summary>The keys of the events' streams.</summary>
    public static ValueTask<SealedValueReader> LoadKeysAsync(EventLog log, IEnumerable<RecordEvent> events, CancellationToken cancellationToken) =>
        log.Keys.LoadAsync([.. events.Select(e => (e.Stored.Partition, e.Stored.StreamId)).Distinct()], cancellationToken);

    /// <summary>True when an event seals a value that is wanted, or one of the values that conditions look at.</summary>
    public static bool IsToOpen(RecordEvent recordEvent, Func<int, bool> isWanted) => recordEvent.IsSealed && recordEvent.SealedFields.Any(isWanted);

    /// <summary>The record just before a version; the event of that version is the next.</summary>
    public RecordFold Before(Guid stream, long version)
    {
        var (fold, ahead) = histories[stream];
        while (fold.Version < version - 1)
        {
            fold.Apply(ahead.Dequeue());
        }

        return fold;
    }

    /// <summary>Applies the next event of a stream, which is returned with its values.</summary>
    public RecordEvent Next(Guid stream)
    {
        var (fold, ahead) = histories[stream];
        var next = ahead.Dequeue();
        fold.Apply(next);
        return next;
    }
}
