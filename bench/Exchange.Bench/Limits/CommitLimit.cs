using System.Diagnostics;
using Npgsql;

namespace Exchange.Bench.Limits;

/// <summary>
/// One commit per call with plain Npgsql: each connection takes the next pair of an event and its subject row, the very rows that the hub stored, and
/// inserts both in one round trip and one durable transaction, by prepared statements. Nothing is checked, looked up or answered.
/// </summary>
/// <param name="connectionString">The hub's database.</param>
/// <param name="table">Qualified name of the subject table.</param>
/// <param name="connections">Numbers of connections to measure.</param>
internal sealed class CommitLimit(string connectionString, string table, IReadOnlyList<int> connections) : IAsyncDisposable
{
    private const string WriterSchema = "limit_commit_many";

    private readonly NpgsqlDataSource source = LimitSql.Source(connectionString);
    private readonly List<(object[] Event, object[] Row)> pairs = [];
    private string[] eventTypes = [];
    private string[] rowTypes = [];

    /// <summary>Makes tables that hold the rows that the hub's hold, a set for each number of connections.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        foreach (var schema in Schemas)
        {
            await connection.ExecuteAsync($"CREATE SCHEMA {schema}", cancellationToken);
            await connection.CreateFilledAsync($"{schema}.event", "log.event", cancellationToken);
            await connection.CreateFilledAsync($"{schema}.subject", table, cancellationToken);
        }
    }

    /// <summary>Takes the events and rows that the hub has stored since then; throws unless there are so many.</summary>
    public async Task TakeAsync(DateTimeOffset since, int rows, CancellationToken cancellationToken)
    {
        (var events, eventTypes) = await ReadAsync($"SELECT e.* FROM log.event e JOIN {table} s ON s.partition = e.partition AND s.record_id = e.stream_id WHERE e.recorded_at >= $1 ORDER BY e.recorded_at, e.partition, e.position", since, cancellationToken);
        (var subjects, rowTypes) = await ReadAsync($"SELECT s.* FROM log.event e JOIN {table} s ON s.partition = e.partition AND s.record_id = e.stream_id WHERE e.recorded_at >= $1 ORDER BY e.recorded_at, e.partition, e.position", since, cancellationToken);
        pairs.Clear();
        pairs.AddRange(events.Zip(subjects));
        if (pairs.Count != rows)
        {
            throw new InvalidOperationException($"the hub stored {pairs.Count} records, not {rows}");
        }
    }

    /// <summary>Calls a second over so many connections, of the first so many calls.</summary>
    public async Task<double> RunAsync(int count, int calls, CancellationToken cancellationToken)
    {
        await source.CheckpointAsync(cancellationToken);
        var open = new List<(NpgsqlConnection Connection, NpgsqlBatch Batch)>();
        for (var i = 0; i < count; i++)
        {
            var connection = await source.OpenConnectionAsync(cancellationToken);
            var batch = new NpgsqlBatch(connection) { BatchCommands = { Insert($"{Schema(count)}.event", eventTypes), Insert($"{Schema(count)}.subject", rowTypes) } };
            await batch.PrepareAsync(cancellationToken);
            open.Add((connection, batch));
        }

        var next = -1;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(open.Select(side => Task.Run(
            async () =>
            {
                while (Interlocked.Increment(ref next) is var index && index < calls)
                {
                    Fill(side.Batch.BatchCommands[0], pairs[index].Event);
                    Fill(side.Batch.BatchCommands[1], pairs[index].Row);
                    await side.Batch.ExecuteNonQueryAsync(cancellationToken);
                }
            },
            cancellationToken)));
        watch.Stop();
        foreach (var (connection, batch) in open)
        {
            await batch.DisposeAsync();
            await connection.DisposeAsync();
        }

        return calls / watch.Elapsed.TotalSeconds;
    }

    /// <summary>A connection that stores many pairs in each of its commits, in tables of its own.</summary>
    public async Task<Writer> OpenWriterAsync(CancellationToken cancellationToken)
    {
        await source.CheckpointAsync(cancellationToken);
        return new Writer(await source.OpenConnectionAsync(cancellationToken), this);
    }

    /// <summary>Drops the tables.</summary>
    public async ValueTask DisposeAsync()
    {
        await using (var connection = await source.OpenConnectionAsync(CancellationToken.None))
        {
            foreach (var schema in Schemas)
            {
                await connection.ExecuteAsync($"DROP SCHEMA IF EXISTS {schema} CASCADE", CancellationToken.None);
            }
        }

        await source.DisposeAsync();
    }

    private IEnumerable<string> Schemas => [WriterSchema, .. connections.Select(Schema)];

    private static string Schema(int count) => $"limit_commit_{count}";

    private static NpgsqlBatchCommand Insert(string table, string[] types)
    {
        var command = new NpgsqlBatchCommand($"INSERT INTO {table} VALUES ({string.Join(", ", types.Select((_, i) => $"${i + 1}"))})");
        foreach (var type in types)
        {
            command.Parameters.Add(new NpgsqlParameter { DataTypeName = type });
        }

        return command;
    }

    private static void Fill(NpgsqlBatchCommand command, object[] values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }
    }

    private async Task<(List<object[]> Rows, string[] Types)> ReadAsync(string select, DateTimeOffset since, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(select);
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = since.UtcDateTime });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var (rows, types) = (new List<object[]>(), Enumerable.Range(0, reader.FieldCount).Select(reader.GetDataTypeName).ToArray());
        while (await reader.ReadAsync(cancellationToken))
        {
            var row = new object[reader.FieldCount];
            reader.GetValues(row);
            rows.Add(row);
        }

        return (rows, types);
    }

    /// <summary>Stores many pairs by one statement for each table.</summary>
    internal sealed class Writer(NpgsqlConnection connection, CommitLimit limit) : IAsyncDisposable
    {
        /// <summary>One commit of these pairs.</summary>
        public async Task WriteAsync(List<int> indexes, CancellationToken cancellationToken)
        {
            await using var batch = new NpgsqlBatch(connection)
            {
                BatchCommands =
                {
                    InsertMany($"{WriterSchema}.event", limit.eventTypes, indexes.ConvertAll(index => limit.pairs[index].Event)),
                    InsertMany($"{WriterSchema}.subject", limit.rowTypes, indexes.ConvertAll(index => limit.pairs[index].Row)),
                },
            };
            await batch.PrepareAsync(cancellationToken);
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }

        /// <summary>Closes the connection.</summary>
        public ValueTask DisposeAsync() => connection.DisposeAsync();

        private static NpgsqlBatchCommand InsertMany(string table, string[] types, List<object[]> rows)
        {
            var command = new NpgsqlBatchCommand($"INSERT INTO {table} SELECT * FROM unnest({string.Join(", ", types.Select((type, i) => $"${i + 1}::{type}[]"))})");
            for (var i = 0; i < types.Length; i++)
            {
                command.Parameters.Add(new NpgsqlParameter { DataTypeName = $"{types[i]}[]", Value = rows.ConvertAll(row => row[i]) });
            }

            return command;
        }
    }
}
