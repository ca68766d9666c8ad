using System.Diagnostics;
using Npgsql;

namespace Exchange.Bench.Limits;

/// <summary>
/// One writer that batches: it inserts the event rows that the store has stored, hashes and all, into a table like the log's, by one prepared
/// `INSERT … SELECT unnest` per transaction, with as many rows in each transaction as the store had in its. The rows are read beforehand.
/// </summary>
/// <param name="connectionString">The store's database.</param>
internal sealed class UnnestLimit(string connectionString) : IAsyncDisposable
{
    private const string Table = "limit_unnest.event";

    // Rows of one transaction have one xmin.
    private const string SelectRows = $"""
        SELECT {EventRow.Columns}, xmin::text FROM log.event WHERE recorded_at >= $1 ORDER BY xmin::text::bigint, partition, position
        """;

    private readonly NpgsqlDataSource source = LimitSql.Source(connectionString);
    private readonly List<double> milliseconds = [];

    /// <summary>Transactions of the last round.</summary>
    public int Transactions => milliseconds.Count;

    /// <summary>
    /// What any two transactions of the last round, one right after the other, took together: who comes when one has just begun waits for it and for
    /// the next. Milliseconds.
    /// </summary>
    public IEnumerable<double> Pairs => milliseconds.Zip(milliseconds.Skip(1), (first, second) => first + second);

    /// <summary>Makes the table, holding the rows that the log holds.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync("CREATE SCHEMA limit_unnest", cancellationToken);
        await connection.CreateFilledAsync(Table, "log.event", cancellationToken);
    }

    /// <summary>Seconds to store what the store has stored since then.</summary>
    public async Task<double> RunAsync(DateTimeOffset since, int rows, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        var batches = await TakeAsync(connection, since, cancellationToken);
        if (batches.Sum(batch => batch.Count) is var taken && taken != rows)
        {
            throw new InvalidOperationException($"the store stored {taken} events, not {rows}");
        }

        milliseconds.Clear();
        await connection.ExecuteAsync("CHECKPOINT", cancellationToken);
        await using var command = new NpgsqlCommand(EventRow.Insert(Table), connection);
        var watch = Stopwatch.StartNew();
        foreach (var batch in batches)
        {
            command.Parameters.Clear();
            EventRow.AddTo(command.Parameters, batch);
            if (!command.IsPrepared)
            {
                await command.PrepareAsync(cancellationToken);
            }

            var began = Stopwatch.GetTimestamp();
            await command.ExecuteNonQueryAsync(cancellationToken);
            milliseconds.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
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

    private static async Task<List<List<EventRow>>> TakeAsync(NpgsqlConnection connection, DateTimeOffset since, CancellationToken cancellationToken)
    {
        await using var select = new NpgsqlCommand(SelectRows, connection) { Parameters = { new NpgsqlParameter<DateTime> { TypedValue = since.UtcDateTime } } };
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        var (batches, transaction) = (new List<List<EventRow>>(), "");
        while (await reader.ReadAsync(cancellationToken))
        {
            if (reader.GetString(11) is var next && next != transaction)
            {
                batches.Add([]);
                transaction = next;
            }

            batches[^1].Add(EventRow.Read(reader));
        }

        return batches;
    }
}
