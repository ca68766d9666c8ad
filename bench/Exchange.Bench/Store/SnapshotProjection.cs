using Exchange.EventStore;
using Exchange.EventStore.Projections;
using Exchange.EventStore.Reading;
using Npgsql;

namespace Exchange.Bench.Store;

/// <summary>Keeps each stream's newest state: its version, when it changed, and what the last event said.</summary>
/// <param name="partition">The partition it reads.</param>
internal sealed class SnapshotProjection(int partition) : IAsyncProjection
{
    private TaskCompletionSource served = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Name => "bench-snapshot";

    public IReadOnlyList<int> Partitions { get; } = [partition];

    /// <summary>Completes when the next build is read instead of the one before.</summary>
    public Task NextBuild
    {
        get
        {
            served = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return served.Task;
        }
    }

    public Task CreateAsync(NpgsqlConnection connection, int build, CancellationToken cancellationToken) => RunAsync(
        connection,
        $"CREATE TABLE snapshot_{build} (partition int, stream_id uuid, version bigint NOT NULL, update_time timestamptz NOT NULL, state bytea NOT NULL, PRIMARY KEY (partition, stream_id)) WITH (fillfactor = 85)",
        cancellationToken);

    public async Task ApplyAsync(NpgsqlConnection connection, int build, PartitionSlice slice, CancellationToken cancellationToken)
    {
        var newest = new Dictionary<Guid, StoredEvent>();
        foreach (var e in slice.Events)
        {
            newest[e.StreamId] = e;
        }

        await using var upsert = new NpgsqlCommand(
            $"""
            INSERT INTO snapshot_{build} AS s (partition, stream_id, version, update_time, state)
            SELECT $1, u.stream_id, u.version, u.update_time, u.state FROM unnest($2::uuid[], $3::bigint[], $4::timestamptz[], $5::bytea[]) AS u (stream_id, version, update_time, state)
            ON CONFLICT (partition, stream_id) DO UPDATE SET version = excluded.version, update_time = excluded.update_time, state = excluded.state
            """,
            connection)
        {
            Parameters =
            {
                new NpgsqlParameter<int> { TypedValue = slice.Partition },
                new NpgsqlParameter<Guid[]> { TypedValue = [.. newest.Values.Select(e => e.StreamId)] },
                new NpgsqlParameter<long[]> { TypedValue = [.. newest.Values.Select(e => e.Version)] },
                new NpgsqlParameter<DateTime[]> { TypedValue = [.. newest.Values.Select(e => e.RecordedAt.UtcDateTime)] },
                new NpgsqlParameter<ReadOnlyMemory<byte>[]> { TypedValue = [.. newest.Values.Select(e => e.Payload)] },
            },
        };
        await upsert.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task ServeAsync(NpgsqlConnection connection, int build, CancellationToken cancellationToken)
    {
        await RunAsync(connection, $"CREATE OR REPLACE VIEW snapshot AS SELECT * FROM snapshot_{build}", cancellationToken);
        served.TrySetResult();
    }

    public Task DropAsync(NpgsqlConnection connection, int build, CancellationToken cancellationToken) => RunAsync(connection, $"DROP TABLE snapshot_{build}", cancellationToken);

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
