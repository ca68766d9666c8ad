using Exchange.EventStore.Appending;
using Npgsql;
using NpgsqlTypes;

namespace Exchange.EventStore.Sealing;

/// <summary>The data keys of streams with sealed values, each wrapped by the hub key. Sealing happens in appends; this opens and destroys.</summary>
public sealed class DataKeys
{
    // Index data_key_pkey. OFFSET 0 as in AppendSql.
    private const string SelectKeys = """
        SELECT k.partition, k.stream_id, k.wrapped_key, p.key_epoch
        FROM unnest($1::int[], $2::uuid[]) AS u (partition, stream_id)
        CROSS JOIN LATERAL (SELECT * FROM log.data_key AS k WHERE k.partition = u.partition AND k.stream_id = u.stream_id OFFSET 0) AS k
        JOIN log.log_partition AS p ON p.partition = k.partition
        """;

    // The epoch rises under the partition's lock: an append either sealed before and its value is erased with the rest, or sees the new epoch.
    private const string RaiseEpoch = "UPDATE log.log_partition SET key_epoch = key_epoch + 1 WHERE partition = $1 RETURNING key_epoch";

    private const string DestroyKey = """
        UPDATE log.data_key SET wrapped_key = NULL, destroy_time = $3
        WHERE partition = $1 AND stream_id = $2 AND wrapped_key IS NOT NULL
        """;

    private const string HasKey = "SELECT 1 FROM log.data_key WHERE partition = $1 AND stream_id = $2";

    private readonly NpgsqlDataSource source;
    private readonly NpgsqlDataSource writer;
    private readonly TimeProvider time;

    internal DataKeys(NpgsqlDataSource source, NpgsqlDataSource writer, HubKey hubKey, DataKeyCache cache, TimeProvider time)
    {
        this.source = source;
        this.writer = writer;
        this.time = time;
        Hub = hubKey;
        Cache = cache;
    }

    internal HubKey Hub { get; }

    internal DataKeyCache Cache { get; }

    /// <summary>Loads the keys of streams in one round trip (cached ones need none). A destruction on another node shows within the poll interval.</summary>
    public async ValueTask<SealedValueReader> LoadAsync(IReadOnlyCollection<(int Partition, Guid StreamId)> streams, CancellationToken cancellationToken)
    {
        var keys = new Dictionary<(int Partition, Guid StreamId), DataKey?>(streams.Count);
        List<int>? partitions = null;
        List<Guid>? streamIds = null;
        foreach (var (partition, streamId) in streams)
        {
            var cached = Cache.Find(partition, streamId);
            if (keys.TryAdd((partition, streamId), cached) && cached is null)
            {
                (partitions ??= []).Add(partition);
                (streamIds ??= []).Add(streamId);
            }
        }

        if (partitions is not null)
        {
            await using var connection = await source.OpenConnectionAsync(cancellationToken);
            await using var command = new NpgsqlCommand(SelectKeys, connection);
            command.Parameters.Add(new NpgsqlParameter<List<int>> { TypedValue = partitions });
            command.Parameters.Add(new NpgsqlParameter<List<Guid>> { TypedValue = streamIds! });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                if (!reader.IsDBNull(2))
                {
                    var key = Hub.Unwrap(reader.GetInt32(0), reader.GetGuid(1), reader.GetFieldValue<byte[]>(2));
                    Cache.Add(key, reader.GetInt64(3));
                    keys[(key.Partition, key.StreamId)] = key;
                }
            }
        }

        return new SealedValueReader(keys);
    }

    /// <summary>
    /// Destroys a stream's key: its sealed values are gone for good, on all nodes, and the chain still verifies. False when it never had one.
    /// Backups and write-ahead logs made before still hold the wrapped key; they must be destroyed by their own rules. Throws
    /// <see cref="AppendInDoubtException"/> when a standby may not have it: repeat. Waits for the partition as long as an append would.
    /// </summary>
    public async Task<bool> DestroyAsync(int partition, Guid streamId, CancellationToken cancellationToken)
    {
        await using var connection = await writer.OpenConnectionAsync(cancellationToken);
        var hasWarning = false;
        connection.Notice += (_, e) => hasWarning |= e.Notice.InvariantSeverity is "WARNING";
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var raise = new NpgsqlCommand(RaiseEpoch, connection, transaction) { Parameters = { new() { Value = partition } } };
        var epoch = (long)(await raise.ExecuteScalarAsync(cancellationToken)
            ?? throw new ArgumentException($"there is no partition {partition}", nameof(partition)));
        await using var destroy = new NpgsqlCommand(DestroyKey, connection, transaction)
        {
            Parameters =
            {
                new() { Value = partition },
                new() { Value = streamId },
                new() { Value = time.GetUtcNow().UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz },
            },
        };
        var destroyed = await destroy.ExecuteNonQueryAsync(cancellationToken);
        if (destroyed is 0)
        {
            await using var find = new NpgsqlCommand(HasKey, connection, transaction)
            {
                Parameters = { new() { Value = partition }, new() { Value = streamId } },
            };
            if (await find.ExecuteScalarAsync(cancellationToken) is null)
            {
                return false;
            }
        }

        // Also when the key was gone already: the commit waits until the standby has what a broken-off call before this one did.
        await transaction.CommitAsync(CancellationToken.None);
        Cache.NoteEpoch(partition, epoch);
        return hasWarning
            ? throw new AppendInDoubtException("the server warned while it destroyed the key; repeat until it does not", null)
            : true;
    }
}
