using Exchange.EventStore.Reading;
using Npgsql;

namespace Exchange.EventStore.Tests.Reading;

/// <summary>What is wrong with a <see cref="CarelessReader"/>.</summary>
public enum Carelessness
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Resumes one position too late after a page.</summary>
    Skips,

    /// <summary>Resumes one position too early after a page.</summary>
    Repeats,

    /// <summary>Gives the first two events of a page the other way round.</summary>
    Swaps,

    /// <summary>The same, and numbers them as if they stood that way.</summary>
    Renumbers,

    /// <summary>Follows live from the head of the moment when it has caught up, not from where catching up ended.</summary>
    JoinsLive,

    /// <summary>Says it is one position further than it is.</summary>
    Promises,
}

/// <summary>A reader of one partition by plain SQL, in pages of five, with a fault of its own: the control of the subscription tests.</summary>
public sealed class CarelessReader(NpgsqlDataSource database, int partition, Carelessness carelessness)
{
    private const int PageSize = 5;
    private const string SelectHead = "SELECT head FROM log.log_partition WHERE partition = $1";
    private const string SelectEvents = "SELECT position, stream_id FROM log.event WHERE partition = $1 AND position > $2 ORDER BY position LIMIT $3";

    /// <summary>Reads what is there, runs an action while it goes over from catching up to live, and reads what is there then.</summary>
    public async IAsyncEnumerable<SubscriptionBatch> ReadAsync(long after, Func<Task> whileJoining)
    {
        var position = after;
        await foreach (var batch in ReadPagesAsync(position))
        {
            position = batch.Slices[0].Through;
            yield return batch;
        }

        await whileJoining();
        if (carelessness is Carelessness.JoinsLive)
        {
            await using var command = Command(SelectHead, partition);
            position = (long)(await command.ExecuteScalarAsync())! - PageSize;
        }

        await foreach (var batch in ReadPagesAsync(position))
        {
            yield return batch;
        }
    }

    private async IAsyncEnumerable<SubscriptionBatch> ReadPagesAsync(long after)
    {
        while (await ReadPageAsync(after) is { Count: > 0 } events)
        {
            var (before, through) = (events[0].Position - 1, events[^1].Position);
            after = through + carelessness switch { Carelessness.Skips => 1, Carelessness.Repeats => -1, _ => 0 };
            if (events.Count is PageSize && carelessness is Carelessness.Swaps or Carelessness.Renumbers)
            {
                (events[0], events[1]) = carelessness is Carelessness.Swaps ? (events[1], events[0])
                    : (Event(events[0].Position, events[1].StreamId), Event(events[1].Position, events[0].StreamId));
            }

            var bookmark = carelessness is Carelessness.Promises ? through + 1 : through;
            yield return new SubscriptionBatch([new PartitionSlice(partition, before, through, events)], CaughtUp: events.Count < PageSize)
            {
                Positions = new Dictionary<int, long> { [partition] = bookmark },
            };
            if (events.Count < PageSize)
            {
                yield break;
            }
        }
    }

    private async Task<List<StoredEvent>> ReadPageAsync(long after)
    {
        var events = new List<StoredEvent>();
        await using var command = Command(SelectEvents, partition, after, PageSize);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            events.Add(Event(reader.GetInt64(0), reader.GetGuid(1)));
        }

        return events;
    }

    private NpgsqlCommand Command(string query, params IEnumerable<object> values)
    {
        var command = database.CreateCommand(query);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }

    private StoredEvent Event(long position, Guid stream) => new()
    {
        Partition = partition,
        Position = position,
        StreamId = stream,
        Version = 1,
        Type = "thing-happened",
        Payload = ReadOnlyMemory<byte>.Empty,
        Caller = "",
        Client = "",
        GovernancePosition = 0,
        RecordedAt = DateTimeOffset.UnixEpoch,
    };
}
