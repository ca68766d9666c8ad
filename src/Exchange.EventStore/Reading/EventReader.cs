using System.Runtime.CompilerServices;
using Exchange.EventStore.Committing;
using Npgsql;

namespace Exchange.EventStore.Reading;

/// <summary>Reads the log in pages, each in a transaction of its own.</summary>
public sealed class EventReader
{
    private const int BriefColumns = 7;
    private const int StreamPage = 500;
    private const long StreamPageBytes = 4 * 1024 * 1024;

    // Index event_pkey.
    private const string SelectSlice = """
        SELECT position, stream_id, version, type, payload, caller, recorded_at, client, governance_position
        FROM log.event
        WHERE partition = $1 AND position > $2 AND position <= $3
        ORDER BY position
        """;

    // Index event_pkey.
    private const string SelectPositions = """
        SELECT position, stream_id, version, type, payload, caller, recorded_at, client, governance_position
        FROM log.event
        WHERE partition = $1 AND position = ANY ($2)
        ORDER BY position
        """;

    // As SelectSlice, without the columns that those who only follow records do not ask for.
    private const string SelectBriefSlice = """
        SELECT position, stream_id, version, type, payload, caller, recorded_at
        FROM log.event
        WHERE partition = $1 AND position > $2 AND position <= $3
        ORDER BY position
        """;

    // As SelectSlice, up to the event whose payload reaches the bytes: large ones stay in the database instead of being read and thrown away.
    private const string SelectBoundedSlice = """
        SELECT position, stream_id, version, type, payload, caller, recorded_at, client, governance_position
        FROM (
          SELECT position, stream_id, version, type, payload, caller, recorded_at, client, governance_position,
            sum(octet_length(payload)) OVER (ORDER BY position ROWS UNBOUNDED PRECEDING) - octet_length(payload) AS bytes_before
          FROM log.event
          WHERE partition = $1 AND position > $2 AND position <= $3
          ORDER BY position
          LIMIT $4
        ) e
        WHERE bytes_before < $5
        ORDER BY position
        """;

    // Index event_partition_stream_id_version_key; bounded as SelectBoundedSlice is.
    private const string SelectStream = """
        SELECT position, stream_id, version, type, payload, caller, recorded_at, client, governance_position
        FROM (
          SELECT position, stream_id, version, type, payload, caller, recorded_at, client, governance_position,
            sum(octet_length(payload)) OVER (ORDER BY version ROWS UNBOUNDED PRECEDING) - octet_length(payload) AS bytes_before
          FROM log.event
          WHERE partition = $1 AND stream_id = $2 AND version > $3
          ORDER BY version
          LIMIT $4
        ) e
        WHERE bytes_before < $5
        ORDER BY version
        """;

    // Index event_partition_stream_id_version_key.
    private const string SelectStreams = """
        SELECT position, stream_id, version, type, payload, caller, recorded_at, client, governance_position
        FROM log.event
        WHERE partition = $1 AND stream_id = ANY ($2) AND position <= $3
        ORDER BY stream_id, version
        """;

    private const string SelectHeads = "SELECT partition, head FROM log.log_partition WHERE partition = ANY ($1)";

    private const string SelectHeadHashes = "SELECT partition, head, head_hash FROM log.log_partition ORDER BY partition";

    // Index event_pkey.
    private const string SelectHashes = "SELECT hash FROM log.event WHERE partition = $1 AND position > $2 AND position <= $3 ORDER BY position";

    private const string SelectTime = "SELECT recorded_at FROM log.event WHERE partition = $1 AND position = $2";

    private readonly NpgsqlDataSource source;

    internal EventReader(NpgsqlDataSource source) => this.source = source;

    /// <summary>Events of a partition with After &lt; position, in order, at most `limit`.</summary>
    public async Task<IReadOnlyList<StoredEvent>> ReadPartitionAsync(int partition, long after, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { Slice(SelectSlice, partition, after, after + limit) } };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        return await ReadSliceAsync(reader, partition, after, int.MaxValue, cancellationToken);
    }

    /// <summary>
    /// As the other, but ends with the event whose payload brings it to these bytes; at least one event where there is one. Shorter than the limit does
    /// not mean that the partition ends there.
    /// </summary>
    public async Task<IReadOnlyList<StoredEvent>> ReadPartitionAsync(int partition, long after, int limit, long maxBytes, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBytes, 1);
        await using var command = source.CreateCommand(SelectBoundedSlice);
        command.Parameters.Add(Parameter.Of(partition));
        command.Parameters.Add(Parameter.Of(after));
        command.Parameters.Add(Parameter.Of(after + limit));
        command.Parameters.Add(Parameter.Of((long)limit));
        command.Parameters.Add(Parameter.Of(maxBytes));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await ReadSliceAsync(reader, partition, after, int.MaxValue, cancellationToken);
    }

    /// <summary>The events at these positions of a partition, in order.</summary>
    public async Task<IReadOnlyList<StoredEvent>> ReadPositionsAsync(int partition, IReadOnlyCollection<long> positions, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(SelectPositions);
        command.Parameters.Add(Parameter.Of(partition));
        command.Parameters.Add(Parameter.Of(positions.ToArray()));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var events = new List<StoredEvent>(positions.Count);
        while (await reader.ReadAsync(cancellationToken))
        {
            events.Add(ReadEvent(reader, partition));
        }

        return events;
    }

    /// <summary>Head and chain value of every partition, in one statement: what may be signed and kept elsewhere.</summary>
    public async Task<IReadOnlyList<(int Partition, long Head, byte[] Hash)>> ReadHeadHashesAsync(CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(SelectHeadHashes);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var heads = new List<(int Partition, long Head, byte[] Hash)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            heads.Add((reader.GetInt32(0), reader.GetInt64(1), reader.GetFieldValue<byte[]>(2)));
        }

        return heads;
    }

    /// <summary>All events of a stream after a version, in order, read in pages of at most 500 events and little more than 4 MiB.</summary>
    public async IAsyncEnumerable<StoredEvent> ReadStreamAsync(
        int partition, Guid streamId, long afterVersion, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var page = await ReadStreamPageAsync(partition, streamId, afterVersion, cancellationToken);
            foreach (var stored in page)
            {
                yield return stored;
            }

            // Fewer bytes than a page may have: it is not they that cut it.
            if (page.Count < StreamPage && page.Sum(stored => (long)stored.Payload.Length) < StreamPageBytes)
            {
                yield break;
            }

            afterVersion = page[^1].Version;
        }
    }

    /// <summary>Events of several streams of one partition up to a position, by stream and version, in one query. The streams are distinct.</summary>
    public async Task<IReadOnlyList<StoredEvent>> ReadStreamsAsync(
        int partition, IReadOnlyCollection<Guid> streamIds, long throughPosition, CancellationToken cancellationToken) =>
        await EnumerateStreamsAsync(partition, streamIds, throughPosition, cancellationToken).ToListAsync(cancellationToken);

    /// <summary>
    /// As <see cref="ReadStreamsAsync"/>, event by event: nothing is kept. Holds a connection and a snapshot until it ends, so wait for nobody in between.
    /// </summary>
    public async IAsyncEnumerable<StoredEvent> EnumerateStreamsAsync(
        int partition, IReadOnlyCollection<Guid> streamIds, long throughPosition, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(SelectStreams);
        command.Parameters.Add(Parameter.Of(partition));
        command.Parameters.Add(Parameter.Of(streamIds.ToArray()));
        command.Parameters.Add(Parameter.Of(throughPosition));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            yield return ReadEvent(reader, partition);
        }
    }

    /// <summary>Stored hashes (33 bytes each: algorithm id, digest) of the events that a read of the partition with the same bounds gives.</summary>
    public async Task<IReadOnlyList<byte[]>> ReadHashesAsync(int partition, long after, int limit, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(SelectHashes);
        command.Parameters.Add(Parameter.Of(partition));
        command.Parameters.Add(Parameter.Of(after));
        command.Parameters.Add(Parameter.Of(after + limit));
        var hashes = new List<byte[]>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            hashes.Add(reader.GetFieldValue<byte[]>(0));
        }

        return hashes;
    }

    /// <summary>Heads read from the database now.</summary>
    public async Task<IReadOnlyDictionary<int, long>> ReadHeadsAsync(IReadOnlyCollection<int> partitions, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(SelectHeads);
        command.Parameters.Add(Parameter.Of(partitions.ToArray()));
        var heads = new Dictionary<int, long>(partitions.Count);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            heads.Add(reader.GetInt32(0), reader.GetInt64(1));
        }

        return heads;
    }

    /// <summary>
    /// Position of the last event of a partition recorded at or before a time; 0 when there is none. Times rise with positions, so it halves.
    /// </summary>
    public async Task<long> FindPositionAsync(int partition, DateTimeOffset time, CancellationToken cancellationToken)
    {
        var heads = await ReadHeadsAsync([partition], cancellationToken);
        var (low, high) = (0L, heads[partition]);
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        while (low < high)
        {
            var middle = low + (high - low + 1) / 2;
            await using var command = new NpgsqlCommand(SelectTime, connection) { Parameters = { Parameter.Of(partition), Parameter.Of(middle) } };
            DateTimeOffset recordedAt = (DateTime)(await command.ExecuteScalarAsync(cancellationToken)
                ?? throw new LogCorruptException(partition, middle, "the event is missing"));
            (low, high) = recordedAt <= time ? (middle, high) : (low, middle - 1);
        }

        return low;
    }

    /// <summary>
    /// Reads contiguous pieces in one round trip; ends early, at least one event in, when it has more bytes than wanted. Brief events come without client
    /// and governance position.
    /// </summary>
    internal async Task<List<PartitionSlice>> ReadSlicesAsync(
        IReadOnlyList<(int Partition, long After, long Through)> pieces, int maxBytes, bool areBrief, CancellationToken cancellationToken)
    {
        var slices = new List<PartitionSlice>(pieces.Count);
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        foreach (var (partition, after, through) in pieces)
        {
            batch.BatchCommands.Add(Slice(areBrief ? SelectBriefSlice : SelectSlice, partition, after, through));
        }

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        foreach (var (partition, after, through) in pieces)
        {
            var events = await ReadSliceAsync(reader, partition, after, maxBytes, cancellationToken);
            if (events.Count is 0)
            {
                throw new LogCorruptException(partition, after + 1, "the event is missing");
            }

            foreach (var stored in events)
            {
                maxBytes -= stored.Payload.Length;
            }

            var last = events[^1].Position;
            slices.Add(new PartitionSlice(partition, after, last, events));
            if (maxBytes <= 0)
            {
                break;
            }

            if (last < through)
            {
                throw new LogCorruptException(partition, last + 1, "the event is missing");
            }

            await reader.NextResultAsync(cancellationToken);
        }

        return slices;
    }

    private static NpgsqlBatchCommand Slice(string statement, int partition, long after, long through) =>
        new(statement) { Parameters = { Parameter.Of(partition), Parameter.Of(after), Parameter.Of(through) } };

    private static async Task<List<StoredEvent>> ReadSliceAsync(
        NpgsqlDataReader reader, int partition, long after, int maxBytes, CancellationToken cancellationToken)
    {
        var events = new List<StoredEvent>();
        var next = after + 1;
        while (maxBytes > 0 && await reader.ReadAsync(cancellationToken))
        {
            var stored = ReadEvent(reader, partition);
            if (stored.Position != next)
            {
                throw new LogCorruptException(partition, next, "the event is missing");
            }

            events.Add(stored);
            maxBytes -= stored.Payload.Length;
            next++;
        }

        return events;
    }

    private async Task<List<StoredEvent>> ReadStreamPageAsync(int partition, Guid streamId, long afterVersion, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(SelectStream);
        command.Parameters.Add(Parameter.Of(partition));
        command.Parameters.Add(Parameter.Of(streamId));
        command.Parameters.Add(Parameter.Of(afterVersion));
        command.Parameters.Add(Parameter.Of((long)StreamPage));
        command.Parameters.Add(Parameter.Of(StreamPageBytes));
        return await ReadEventsAsync(command, partition, cancellationToken);
    }

    private static async Task<List<StoredEvent>> ReadEventsAsync(NpgsqlCommand command, int partition, CancellationToken cancellationToken)
    {
        var events = new List<StoredEvent>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            events.Add(ReadEvent(reader, partition));
        }

        return events;
    }

    private static StoredEvent ReadEvent(NpgsqlDataReader reader, int partition) => new()
    {
        Partition = partition,
        Position = reader.GetInt64(0),
        StreamId = reader.GetGuid(1),
        Version = reader.GetInt64(2),
        Type = reader.GetString(3),
        Payload = reader.GetFieldValue<byte[]>(4),
        Caller = reader.GetString(5),
        RecordedAt = reader.GetDateTime(6),
        Client = reader.FieldCount > BriefColumns ? reader.GetString(7) : "",
        GovernancePosition = reader.FieldCount > BriefColumns ? reader.GetInt64(8) : 0,
    };
}
