using System.Diagnostics;
using Npgsql;

namespace Exchange.Bench.Limits;

/// <summary>What PostgreSQL alone does when it gives rows away: binary COPY TO, to a client that only counts bytes.</summary>
internal static class ReadLimit
{
    /// <summary>Seconds to read what a query gives.</summary>
    public static async Task<double> ReadAsync(NpgsqlDataSource source, string query, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        var buffer = new byte[1 << 16];
        var watch = Stopwatch.StartNew();
        await using var rows = await connection.BeginRawBinaryCopyAsync($"COPY ({query}) TO STDOUT (FORMAT BINARY)", cancellationToken);
        while (await rows.ReadAsync(buffer, cancellationToken) > 0)
        {
        }

        return watch.Elapsed.TotalSeconds;
    }
}
