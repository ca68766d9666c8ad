using Exchange.Catalog;
using Exchange.EventStore;
using Exchange.EventStore.Sealing;
using Exchange.Policy.Conditions;
using Exchange.Server.Records.Events;
using Exchange.Server.Records.Reading;

namespace Exchange.Server.Feed;

/// <summary>
/// Records as they stand alongside a walk through a partition, event by event. A history is folded while it is read and not kept; of the records no more
/// is kept than fits, the others are read again when they come again. Not for concurrent use.
/// </summary>
/// <param name="read">Reads events of streams of a partition up to a position, by stream and version.</param>
/// <param name="loadKeys">Loads the keys of streams.</param>
/// <param name="resource">The revision whose fields are folded.</param>
/// <param name="isWanted">True for numbers of fields whose sealed values are opened.</param>
/// <param name="maxBytes">Bytes of records that are kept; one record alone may be larger.</param>
internal sealed class RecordHistories(
    Func<int, IReadOnlyCollection<Guid>, long, CancellationToken, IAsyncEnumerable<StoredEvent>> read,
    Func<IReadOnlyCollection<(int Partition, Guid StreamId)>, CancellationToken, ValueTask<SealedValueReader>> loadKeys,
    ResourceDefinition resource,
    Func<int, bool> isWanted,
    long maxBytes)
{
    private const int MostStreams = 200;

    private readonly Dictionary<Guid, (RecordFold Fold, SealedValueReader Keys)> records = [];
    private int mostStreams = MostStreams;
    private long bytes;

    /// <summary>The record just before an event. Those of the streams ahead in the same partition are read along, as far as they fit.</summary>
    public async ValueTask<RecordFold> BeforeAsync(StoredEvent stored, IEnumerable<Guid> ahead, CancellationToken cancellationToken)
    {
        if (!records.ContainsKey(stored.StreamId))
        {
            if (bytes >= maxBytes)
            {
                Forget();
            }

            var streams = ahead.Where(stream => stream != stored.StreamId && !records.ContainsKey(stream)).Distinct().Take(mostStreams - 1);
            await ReadAsync(stored.Partition, [stored.StreamId, .. streams], stored.Position - 1, maxBytes, cancellationToken);
            if (!records.ContainsKey(stored.StreamId))
            {
                await ReadAsync(stored.Partition, [stored.StreamId], stored.Position - 1, long.MaxValue, cancellationToken);
            }
        }

        return records[stored.StreamId].Fold;
    }

    /// <summary>Goes on beyond an event, which every record that is kept must be told of in turn. Returns it with the wanted values opened.</summary>
    public RecordEvent Pass(RecordEvent recordEvent)
    {
        if (!records.TryGetValue(recordEvent.Stored.StreamId, out var record))
        {
            return recordEvent;
        }

        var opened = Open(recordEvent, record.Keys);
        record.Fold.Apply(opened);
        bytes += 2L * recordEvent.Stored.Payload.Length;
        return opened;
    }

    /// <summary>True when the record of this stream is kept.</summary>
    public bool Keeps(Guid stream) => records.ContainsKey(stream);

    /// <summary>Keeps no record: for the next partition.</summary>
    public void Forget()
    {
        records.Clear();
        bytes = 0;
    }

    // Ends early, without the records not yet complete, when the complete ones are more than fits.
    private async Task ReadAsync(int partition, IReadOnlyCollection<Guid> streams, long through, long limit, CancellationToken cancellationToken)
    {
        var keys = await loadKeys([.. streams.Select(stream => (partition, stream))], cancellationToken);
        RecordFold? fold = null;
        var current = Guid.Empty;
        var left = streams.ToHashSet();
        await foreach (var stored in read(partition, streams, through, cancellationToken))
        {
            if (stored.StreamId != current)
            {
                Keep(current, fold, keys);
                if (bytes >= limit)
                {
                    // Next time fewer, so that not as much is read in vain.
                    mostStreams = Math.Max(1, streams.Count - left.Count);
                    return;
                }

                (current, fold) = (stored.StreamId, new RecordFold(resource));
                left.Remove(current);
            }

            if (RecordEvent.Parse(stored) is { } recordEvent)
            {
                fold!.Apply(Open(recordEvent, keys));
            }
        }

        Keep(current, fold, keys);
        foreach (var stream in left)
        {
            // Not opened yet.
            Keep(stream, new RecordFold(resource), keys);
        }
    }

    private void Keep(Guid stream, RecordFold? fold, SealedValueReader keys)
    {
        if (fold is not null)
        {
            records.Add(stream, (fold, keys));
            bytes += SizeOf(fold);
        }
    }

    private RecordEvent Open(RecordEvent recordEvent, SealedValueReader keys) =>
        recordEvent.IsSealed && recordEvent.SealedFields.Any(isWanted) ? recordEvent.Unseal(keys) : recordEvent;

    private static long SizeOf(RecordFold fold)
    {
        var size = 0L;
        foreach (ref readonly var value in fold.Values)
        {
            size += value.Type switch
            {
                FieldType.Text or FieldType.Code => 64 + 2L * value.AsText.Length,
                FieldType.TextList => 64 + value.AsTextList.Sum(item => 32 + 2L * item.Length),
                _ => 32,
            };
        }

        return size;
    }
}
