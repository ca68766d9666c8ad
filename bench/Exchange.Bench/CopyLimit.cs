using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Exchange.Bench;

/// <summary>
/// What PostgreSQL alone does with the same rows: binary COPY of the very rows that the hub stored in a round, in the order it stored them, 10 000 rows
/// per commit, into logged tables with the same columns, constraints and indexes that hold as many rows already; and binary COPY TO of the same columns.
/// The bytes of COPY are taken as they are, so that nothing is spent on encoding.
/// </summary>
public sealed class CopyLimit(string connectionString)
{
    private const int RowsPerCommit = 10_000;

    // Signature, flags and the length of the extension; the trailer is a row with -1 columns.
    private const int HeaderBytes = 19;
    private const int TrailerBytes = 2;

    private static readonly int[] Connections = [1, 2];
    private readonly List<(string Table, byte[] Bytes)> pieces = [];

    /// <summary>Makes empty tables like these, a set for each number of connections.</summary>
    public async Task PrepareAsync(IReadOnlyList<string> tables, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        foreach (var connections in Connections)
        {
            await ExecuteAsync(connection, $"CREATE SCHEMA bench{connections}", cancellationToken);
            foreach (var table in tables)
            {
                await ExecuteAsync(connection, $"CREATE TABLE {Copy(connections, table)} (LIKE {table} INCLUDING ALL)", cancellationToken);
            }
        }
    }

    /// <summary>Takes the rows that the hub has stored since then.</summary>
    /// <param name="tables">Qualified name of each table, and its column that tells when a row was stored.</param>
    /// <param name="since">When the round began, by the hub's clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task TakeAsync(IReadOnlyList<(string Table, string StoredAt)> tables, DateTimeOffset since, CancellationToken cancellationToken)
    {
        pieces.Clear();
        await using var connection = await OpenAsync(cancellationToken);

        // A scan that begins elsewhere than at the first page would give another order.
        await ExecuteAsync(connection, "SET synchronize_seqscans = off; SET enable_indexscan = off; SET enable_bitmapscan = off", cancellationToken);
        foreach (var (table, storedAt) in tables)
        {
            var time = since.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
            await using var source = await connection.BeginRawBinaryCopyAsync(
                $"COPY (SELECT * FROM {table} WHERE {storedAt} >= '{time}') TO STDOUT (FORMAT BINARY)", cancellationToken);
            using var bytes = new MemoryStream();
            await source.CopyToAsync(bytes, cancellationToken);
            pieces.AddRange(Cut(bytes.GetBuffer().AsSpan(0, (int)bytes.Length)).Select(piece => (table, piece)));
        }
    }

    /// <summary>Seconds to store what was taken: the better of one and several connections.</summary>
    public async Task<double> WriteAsync(CancellationToken cancellationToken)
    {
        var best = double.MaxValue;
        foreach (var connections in Connections)
        {
            best = Math.Min(best, await WriteAsync(connections, cancellationToken));
        }

        return best;
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

    /// <summary>Begins a measurement with what was written before on disk, as each of them does.</summary>
    public async Task CheckpointAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        await ExecuteAsync(connection, "CHECKPOINT", cancellationToken);
    }

    private async Task<double> WriteAsync(int connections, CancellationToken cancellationToken)
    {
        await CheckpointAsync(cancellationToken);
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
                await using var target = await connection.BeginRawBinaryCopyAsync($"COPY {Copy(connections, table)} FROM STDIN (FORMAT BINARY)", cancellationToken);
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

    private static List<byte[]> Cut(ReadOnlySpan<byte> copied)
    {
        var made = new List<byte[]>();
        var (start, at, rows) = (HeaderBytes, HeaderBytes, 0);
        while (true)
        {
            var columns = BinaryPrimitives.ReadInt16BigEndian(copied[at..]);
            if (rows is RowsPerCommit || (columns < 0 && rows > 0))
            {
                made.Add([.. copied[..HeaderBytes], .. copied[start..at], .. copied[^TrailerBytes..]]);
                (start, rows) = (at, 0);
            }

            if (columns < 0)
            {
                return made;
            }

            at += sizeof(short);
            for (var column = 0; column < columns; column++)
            {
                at += sizeof(int) + Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(copied[at..]));
            }

            rows++;
        }
    }

    private static string Copy(int connections, string table) => $"bench{connections}.{table.Split('.')[^1]}";

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
