using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Exchange.Bench.Limits;

/// <summary>
/// What PostgreSQL alone does with the same rows: binary COPY of the very rows that the hub stored in a round, in the order it stored them, usually
/// 10 000 rows per commit, into logged tables with the same columns, constraints, indexes and page filling that hold as many rows already. The bytes of COPY are
/// taken as they are, so that nothing is spent on encoding, and nothing but the rows is stored: no heads, no keys, no outcomes.
/// </summary>
/// <param name="connectionString">The hub's database.</param>
/// <param name="name">Names the limit's schemas; each bench has its own.</param>
/// <param name="connections">Numbers of connections to try in each round; the best counts.</param>
/// <param name="tables">Qualified name of each table, and its column that tells when a row was stored.</param>
/// <param name="rowsPerCommit">Rows of each commit.</param>
public sealed class CopyLimit(
    string connectionString, string name, IReadOnlyList<int> connections, IReadOnlyList<(string Table, string StoredAt)> tables, int rowsPerCommit = CopyLimit.ManyRows)
    : IAsyncDisposable
{
    /// <summary>Rows of a commit, where nothing asks for fewer.</summary>
    public const int ManyRows = 10_000;

    // Signature, flags and the length of the extension; the trailer is a row with -1 columns.
    private const int HeaderBytes = 19;
    private const int TrailerBytes = 2;

    private readonly NpgsqlDataSource source = LimitSql.Source(connectionString);
    private readonly List<(string Table, byte[] Bytes)> pieces = [];

    /// <summary>Makes tables like these, holding the same rows, a set for each number of connections.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        foreach (var count in connections)
        {
            await connection.ExecuteAsync($"CREATE SCHEMA {Schema(count)}", cancellationToken);
            foreach (var (table, _) in tables)
            {
                await connection.CreateFilledAsync(Copy(count, table), table, cancellationToken);
            }
        }
    }

    /// <summary>Takes the rows that the hub has stored since then; throws unless there are so many in each table.</summary>
    /// <param name="since">When the round began, by the hub's clock.</param>
    /// <param name="rows">Rows that each table must have got.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task TakeAsync(DateTimeOffset since, long rows, CancellationToken cancellationToken)
    {
        pieces.Clear();
        await using var connection = await source.OpenConnectionAsync(cancellationToken);

        // A scan that begins elsewhere than at the first page would give another order.
        await connection.ExecuteAsync("SET synchronize_seqscans = off; SET enable_indexscan = off; SET enable_bitmapscan = off", cancellationToken);
        foreach (var (table, storedAt) in tables)
        {
            var time = since.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
            await using var source = await connection.BeginRawBinaryCopyAsync(
                $"COPY (SELECT * FROM {table} WHERE {storedAt} >= '{time}') TO STDOUT (FORMAT BINARY)", cancellationToken);
            using var bytes = new MemoryStream();
            await source.CopyToAsync(bytes, cancellationToken);
            var (cut, taken) = Cut(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), rowsPerCommit);
            if (taken != rows)
            {
                throw new InvalidOperationException($"the hub stored {taken} rows in {table}, not {rows}");
            }

            pieces.AddRange(cut.Select(piece => (table, piece)));
        }
    }

    /// <summary>Seconds to store what was taken, with the number of connections that does it fastest.</summary>
    public async Task<double> WriteAsync(CancellationToken cancellationToken)
    {
        var best = double.MaxValue;
        foreach (var count in connections)
        {
            best = Math.Min(best, await WriteAsync(count, cancellationToken));
        }

        return best;
    }

    /// <summary>Begins a measurement with what was written before on disk, as each of them does.</summary>
    public Task CheckpointAsync(CancellationToken cancellationToken) => source.CheckpointAsync(cancellationToken);

    /// <summary>Drops the limit's tables.</summary>
    public async ValueTask DisposeAsync()
    {
        await using (var connection = await source.OpenConnectionAsync(CancellationToken.None))
        {
            foreach (var count in connections)
            {
                await connection.ExecuteAsync($"DROP SCHEMA IF EXISTS {Schema(count)} CASCADE", CancellationToken.None);
            }
        }

        await source.DisposeAsync();
    }

    /// <summary>The rows of one binary COPY as several of so many rows, and how many they are.</summary>
    internal static (List<byte[]> Pieces, long Rows) Cut(ReadOnlySpan<byte> copied, int rowsPerCommit)
    {
        var made = new List<byte[]>();
        var (start, at, rows, all) = (HeaderBytes, HeaderBytes, 0, 0L);
        while (true)
        {
            var columns = BinaryPrimitives.ReadInt16BigEndian(copied[at..]);
            if (rows == rowsPerCommit || (columns < 0 && rows > 0))
            {
                made.Add([.. copied[..HeaderBytes], .. copied[start..at], .. copied[^TrailerBytes..]]);
                (start, rows) = (at, 0);
            }

            if (columns < 0)
            {
                return (made, all);
            }

            at += sizeof(short);
            for (var column = 0; column < columns; column++)
            {
                at += sizeof(int) + Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(copied[at..]));
            }

            rows++;
            all++;
        }
    }

    private string Schema(int count) => $"limit_{name}_{count}";

    private string Copy(int count, string table) => $"{Schema(count)}.{table.Split('.')[^1]}";

    private async Task<double> WriteAsync(int count, CancellationToken cancellationToken)
    {
        await CheckpointAsync(cancellationToken);
        var open = new List<NpgsqlConnection>();
        for (var i = 0; i < count; i++)
        {
            open.Add(await source.OpenConnectionAsync(cancellationToken));
        }

        var next = -1;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(open.Select(connection => Task.Run(
            async () =>
            {
                while (Interlocked.Increment(ref next) is var index && index < pieces.Count)
                {
                    var (table, bytes) = pieces[index];
                    await using var target = await connection.BeginRawBinaryCopyAsync($"COPY {Copy(count, table)} FROM STDIN (FORMAT BINARY)", cancellationToken);
                    await target.WriteAsync(bytes, cancellationToken);
                }
            },
            cancellationToken)));
        watch.Stop();
        foreach (var connection in open)
        {
            await connection.DisposeAsync();
        }

        return watch.Elapsed.TotalSeconds;
    }
}
