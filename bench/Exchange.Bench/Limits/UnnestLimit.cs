using System.Diagnostics;
using Npgsql;
using NpgsqlTypes;

namespace Exchange.Bench.Limits;

/// <summary>
/// One writer that batches: it inserts the event rows that the store has stored, hashes and all, into a table like the log's, by one prepared
/// `INSERT … SELECT unnest` per transaction, with as many rows in each transaction as the store had in its. The arrays are made beforehand.
/// </summary>
/// <param name="connectionString">The store's database.</param>
internal sealed class UnnestLimit(string connectionString) : IAsyncDisposable
{
    private const string Table = "limit_unnest.event";

    // Rows of one transaction have one xmin.
    private const string SelectRows = """
        SELECT partition, position, stream_id, version, type, payload, caller, client, governance_position, recorded_at, hash, xmin::text
        FROM log.event WHERE recorded_at >= $1 ORDER BY xmin::text::bigint, partition, position
        """;

    private const string Insert = $"""
        INSERT INTO {Table} (partition, position, stream_id, version, type, payload, caller, client, governance_position, recorded_at, hash)
        SELECT * FROM unnest(
            $1::int[], $2::bigint[], $3::uuid[], $4::bigint[], $5::text[], $6::bytea[], $7::text[], $8::text[], $9::bigint[], $10::timestamptz[], $11::bytea[])
        """;

    private readonly NpgsqlDataSource source = NpgsqlDataSource.Create(connectionString);

    /// <summary>Transactions of the last round.</summary>
    public int Transactions { get; private set; }

    /// <summary>Makes the table, holding the rows that the log holds.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync("CREATE SCHEMA limit_unnest", cancellationToken);
        await connection.CreateLikeAsync(Table, "log.event", cancellationToken);
        await connection.ExecuteAsync($"INSERT INTO {Table} SELECT * FROM log.event", cancellationToken);
        await connection.ExecuteAsync($"ANALYZE {Table}", cancellationToken);
    }

    /// <summary>Begins a measurement with what was written before on disk.</summary>
    public async Task CheckpointAsync(CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync("CHECKPOINT", cancellationToken);
    }

    /// <summary>Seconds to store what the store has stored since then.</summary>
    public async Task<double> RunAsync(DateTimeOffset since, int rows, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        var batches = await TakeAsync(connection, since, cancellationToken);
        if (batches.Sum(batch => batch.Positions.Count) is var taken && taken != rows)
        {
            throw new InvalidOperationException($"the store stored {taken} events, not {rows}");
        }

        Transactions = batches.Count;
        await connection.ExecuteAsync("CHECKPOINT", cancellationToken);
        await using var command = new NpgsqlCommand(Insert, connection);
        var watch = Stopwatch.StartNew();
        foreach (var batch in batches)
        {
            command.Parameters.Clear();
            batch.AddTo(command.Parameters);
            if (!command.IsPrepared)
            {
                await command.PrepareAsync(cancellationToken);
            }

            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        return watch.Elapsed.TotalSeconds;
    }

    /// <summary>Drops the table.</summary>
    public async ValueTask DisposeAsync()
    {
        await using (var connection = await source.OpenConnectionAsync(CancellationToken.None))
        {
            await connection.ExecuteAsync("DROP SCHEMA IF EXISTS limit_unnest CASCADE", CancellationToken.None);
        }

        await source.DisposeAsync();
    }

    private static async Task<List<Batch>> TakeAsync(NpgsqlConnection connection, DateTimeOffset since, CancellationToken cancellationToken)
    {
        await using var select = new NpgsqlCommand(SelectRows, connection) { Parameters = { new NpgsqlParameter<DateTime> { TypedValue = since.UtcDateTime } } };
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        var (batches, transaction) = (new List<Batch>(), "");
        while (await reader.ReadAsync(cancellationToken))
        {
            if (reader.GetString(11) is var next && next != transaction)
            {
                batches.Add(new Batch());
                transaction = next;
            }

            batches[^1].Add(reader);
        }

        return batches;
    }

    private sealed class Batch
    {
        private readonly List<int> partitions = [];
        private readonly List<Guid> streams = [];
        private readonly List<long> versions = [];
        private readonly List<string> types = [];
        private readonly List<byte[]> payloads = [];
        private readonly List<string> callers = [];
        private readonly List<string> clients = [];
        private readonly List<long> governancePositions = [];
        private readonly List<DateTime> times = [];
        private readonly List<byte[]> hashes = [];

        public List<long> Positions { get; } = [];

        public void Add(NpgsqlDataReader row)
        {
            partitions.Add(row.GetInt32(0));
            Positions.Add(row.GetInt64(1));
            streams.Add(row.GetGuid(2));
            versions.Add(row.GetInt64(3));
            types.Add(row.GetString(4));
            payloads.Add(row.GetFieldValue<byte[]>(5));
            callers.Add(row.GetString(6));
            clients.Add(row.GetString(7));
            governancePositions.Add(row.GetInt64(8));
            times.Add(row.GetDateTime(9));
            hashes.Add(row.GetFieldValue<byte[]>(10));
        }

        public void AddTo(NpgsqlParameterCollection parameters)
        {
            parameters.Add(new NpgsqlParameter<List<int>> { TypedValue = partitions });
            parameters.Add(new NpgsqlParameter<List<long>> { TypedValue = Positions });
            parameters.Add(new NpgsqlParameter<List<Guid>> { TypedValue = streams });
            parameters.Add(new NpgsqlParameter<List<long>> { TypedValue = versions });
            parameters.Add(new NpgsqlParameter<List<string>> { TypedValue = types });
            parameters.Add(new NpgsqlParameter<List<byte[]>> { TypedValue = payloads });
            parameters.Add(new NpgsqlParameter<List<string>> { TypedValue = callers });
            parameters.Add(new NpgsqlParameter<List<string>> { TypedValue = clients });
            parameters.Add(new NpgsqlParameter<List<long>> { TypedValue = governancePositions });
            parameters.Add(new NpgsqlParameter<List<DateTime>> { TypedValue = times, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz });
            parameters.Add(new NpgsqlParameter<List<byte[]>> { TypedValue = hashes });
        }
    }
}
