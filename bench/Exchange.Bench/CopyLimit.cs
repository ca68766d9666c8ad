using System.Diagnostics;
using Npgsql;

namespace Exchange.Bench;

/// <summary>
/// What PostgreSQL alone does with the same rows: binary COPY into logged tables with the same columns, constraints and indexes, at least
/// 10 000 rows per commit; and binary COPY TO of the same columns. The bytes of COPY are taken as they are, so that nothing is spent on encoding.
/// </summary>
public sealed class CopyLimit(string connectionString)
{
    private const int RowsPerCommit = 10_000;
    private readonly List<(string Table, byte[] Bytes)> pieces = [];

    /// <summary>Takes the rows that the hub stored and makes empty tables like theirs.</summary>
    /// <param name="tables">Qualified name, WHERE condition and order of each table.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task PrepareAsync(IReadOnlyList<(string Table, string Where, string OrderBy)> tables, CancellationToken cancellationToken)
    {
        pieces.Clear();
        await using var connection = await OpenAsync(cancellationToken);
        await ExecuteAsync(connection, "DROP SCHEMA IF EXISTS bench CASCADE; CREATE SCHEMA bench", cancellationToken);
        foreach (var (table, where, orderBy) in tables)
        {
            var copy = Copy(table);
            await ExecuteAsync(connection, $"CREATE TABLE {copy} (LIKE {table} INCLUDING ALL)", cancellationToken);
            for (var offset = 0; ; offset += RowsPerCommit)
            {
                await using var source = await connection.BeginRawBinaryCopyAsync(
                    $"COPY (SELECT * FROM {table} WHERE {where} ORDER BY {orderBy} OFFSET {offset} LIMIT {RowsPerCommit}) TO STDOUT (FORMAT BINARY)", cancellationToken);
                using var bytes = new MemoryStream();
                await source.CopyToAsync(bytes, cancellationToken);

                // Signature, flags and extension length are 19 bytes, the trailer is 2.
                if (bytes.Length <= 21)
                {
                    break;
                }

                pieces.Add((copy, bytes.ToArray()));
            }
        }
    }

    /// <summary>Seconds to store all rows into the emptied tables with so many connections.</summary>
    public async Task<double> WriteAsync(int connections, CancellationToken cancellationToken)
    {
        await using (var cleaner = await OpenAsync(cancellationToken))
        {
            foreach (var table in pieces.Select(p => p.Table).Distinct())
            {
                await ExecuteAsync(cleaner, $"TRUNCATE {table}", cancellationToken);
            }

            await ExecuteAsync(cleaner, "CHECKPOINT", cancellationToken);
        }

        var open = new List<NpgsqlConnection>();
        for (var i = 0; i < connections; i++)
        {
            open.Add(await OpenAsync(cancellationToken));
        }

        var next = -1;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(open.Select(async connection =>
        {
            while (Interlocked.Increment(ref next) is var index && index < pieces.Count)
            {
                var (table, bytes) = pieces[index];
                await using var target = await connection.BeginRawBinaryCopyAsync($"COPY {table} FROM STDIN (FORMAT BINARY)", cancellationToken);
                await target.WriteAsync(bytes, cancellationToken);
            }
        }));
        watch.Stop();
        foreach (var connection in open)
        {
            await connection.DisposeAsync();
        }

        return watch.Elapsed.TotalSeconds;
    }

    /// <summary>Seconds to read the columns of all rows to a client that only counts bytes.</summary>
    public async Task<double> ReadAsync(string query, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        var buffer = new byte[1 << 16];
        var watch = Stopwatch.StartNew();
        await using var source = await connection.BeginRawBinaryCopyAsync($"COPY ({query}) TO STDOUT (FORMAT BINARY)", cancellationToken);
        while (await source.ReadAsync(buffer, cancellationToken) > 0)
        {
        }

        return watch.Elapsed.TotalSeconds;
    }

    private static string Copy(string table) => "bench." + table.Split('.')[^1];

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 600 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }
}
