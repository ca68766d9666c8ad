using System.Runtime.CompilerServices;
using Exchange.Catalog;
using Exchange.EventStore;
using Exchange.EventStore.Sealing;
using Exchange.Server.Records.Events;

namespace Exchange.Server.Records.Reading;

/// <summary>Reads the events of one record with their values, page by page: nobody holds all of them.</summary>
internal static class RecordStream
{
    /// <summary>
    /// The events in order; none when there is no such record of this resource. Sealed values that are not wanted stay sealed, those whose key was
    /// destroyed stay away.
    /// </summary>
    public static async IAsyncEnumerable<RecordEvent> ReadAsync(
        EventLog log, RecordName name, Func<int, bool> isWanted, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var partition = log.Partitions.ForRecord(name.Record.Value);
        SealedValueReader? keys = null;
        await foreach (var stored in log.Reader.ReadStreamAsync(partition, name.Record.Value, 0, cancellationToken))
        {
            if (RecordEvent.Parse(stored) is not { } recordEvent || recordEvent.Resource != name.Resource.Value)
            {
                yield break;
            }

            if (recordEvent.IsSealed && recordEvent.SealedFields.Any(isWanted))
            {
                keys ??= await log.Keys.LoadAsync([(partition, name.Record.Value)], cancellationToken);
                recordEvent = recordEvent.Unseal(keys);
            }

            yield return recordEvent;
        }
    }

    /// <summary>The record after all of its events.</summary>
    public static async Task<RecordFold> FoldAsync(this IAsyncEnumerable<RecordEvent> events, ResourceDefinition resource)
    {
        var fold = new RecordFold(resource);
        await foreach (var recordEvent in events)
        {
            fold.Apply(recordEvent);
        }

        return fold;
    }
}
