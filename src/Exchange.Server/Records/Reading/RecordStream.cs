using Exchange.Catalog;
using Exchange.EventStore;
using Exchange.Server.Records.Events;

namespace Exchange.Server.Records.Reading;

/// <summary>Reads all events of one record with their values.</summary>
internal static class RecordStream
{
    /// <summary>
    /// The events in order; none when there is no such record of this resource. Sealed values that are not wanted stay sealed, those whose key was
    /// destroyed stay away.
    /// </summary>
    public static async Task<IReadOnlyList<RecordEvent>> ReadAsync(EventLog log, RecordName name, Func<int, bool> isWanted, CancellationToken cancellationToken)
    {
        var partition = log.Partitions.ForRecord(name.Record.Value);
        List<RecordEvent> events = [];
        await foreach (var stored in log.Reader.ReadStreamAsync(partition, name.Record.Value, 0, cancellationToken))
        {
            if (RecordEvent.Parse(stored) is not { } recordEvent || recordEvent.Resource != name.Resource.Value)
            {
                return [];
            }

            events.Add(recordEvent);
        }

        bool IsToOpen(RecordEvent recordEvent) => recordEvent.IsSealed && recordEvent.SealedFields.Any(isWanted);
        if (!events.Any(IsToOpen))
        {
            return events;
        }

        var keys = await log.Keys.LoadAsync([(partition, name.Record.Value)], cancellationToken);
        return [.. events.Select(recordEvent => IsToOpen(recordEvent) ? recordEvent.Unseal(keys) : recordEvent)];
    }

    /// <summary>The record after all of its events.</summary>
    public static RecordFold Fold(this IEnumerable<RecordEvent> events, ResourceDefinition resource)
    {
        var fold = new RecordFold(resource);
        foreach (var recordEvent in events)
        {
            fold.Apply(recordEvent);
        }

        return fold;
    }
}
