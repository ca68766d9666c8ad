using System.Diagnostics;
using Npgsql;

namespace Exchange.Bench.Limits;

/// <summary>
/// One set-based UPDATE of the rows that the hub changed, in one transaction, on a table like the hub's with the same rows. What the columns become
/// stands beside it in the database already: nothing is spent on sending it.
/// </summary>
/// <param name="source">The hub's database.</param>
/// <param name="table">Qualified name of the subject table.</param>
/// <param name="columns">Columns that the hub's changes write.</param>
internal sealed class UpdateLimit(NpgsqlDataSource source, string table, IReadOnlyList<string> columns) : IAsyncDisposable
{
    private const string Rows = "limit_update.changed";
    private const string Staged = "limit_update.staged";

    /// <summary>Makes the table, holding the rows that the hub's holds.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync("CREATE SCHEMA limit_update", cancellationToken);
        await connection.CreateFilledAsync(Rows, table, cancellationToken);
    }

    /// <summary>Seconds to make the rows what the hub's are now; throws unless so many differ in version.</summary>
    public async Task<double> RunAsync(int rows, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync($"CREATE UNLOGGED TABLE {Staged} AS SELECT partition, record_id, {string.Join(", ", columns)} FROM {table}", cancellationToken);
        await connection.ExecuteAsync($"ANALYZE {Staged}", cancellationToken);
        await connection.ExecuteAsync("CHECKPOINT", cancellationToken);
        var sets = string.Join(", ", columns.Select(column => $"{column} = s.{column}"));
        var watch = Stopwatch.StartNew();
        var updated = await connection.ExecuteAsync(
            $"UPDATE {Rows} t SET {sets} FROM {Staged} s WHERE s.partition = t.partition AND s.record_id = t.record_id AND s.version > t.version", cancellationToken);
        watch.Stop();
        await connection.ExecuteAsync($"DROP TABLE {Staged}", cancellationToken);
        return updated == rows ? watch.Elapsed.TotalSeconds : throw new InvalidOperationException($"{updated} of {rows} rows were updated");
    }

    /// <summary>Drops the tables.</summary>
    public async ValueTask DisposeAsync()
    {
        await using var connection = await source.OpenConnectionAsync(CancellationToken.None);
        await connection.ExecuteAsync("DROP SCHEMA IF EXISTS limit_update CASCADE", CancellationToken.None);
    }
}
