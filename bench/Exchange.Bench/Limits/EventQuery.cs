using System.Diagnostics;
using Npgsql;

namespace Exchange.Bench.Limits;

/// <summary>Plain reading of the log: one query for each partition, every column of every event taken into a value.</summary>
internal static class EventQuery
{
    // Index event_pkey.
    private const string SelectRows = """
        SELECT position, stream_id, version, type, payload, caller, client, governance_position, recorded_at
        FROM log.event WHERE partition = $1 ORDER BY position
        """;

    /// <summary>Seconds to read so many events; throws when there are more or fewer.</summary>
    public static async Task<double> ReadAsync(NpgsqlDataSource source, IEnumerable<int> partitions, long events, CancellationToken cancellationToken)
    {
        var (count, bytes) = (0L, 0L);
        await using var connection = await source.OpenConnectionAsync(cancellationToken);

        // By the index, as the store reads: to sort a partition's events would be slower than to take them in order.
        await connection.ExecuteAsync("SET enable_sort = off; SET enable_seqscan = off", cancellationToken);
        var watch = Stopwatch.StartNew();
        foreach (var partition in partitions)
        {
            await using var select = new NpgsqlCommand(SelectRows, connection) { Parameters = { new NpgsqlParameter<int> { TypedValue = partition } } };
            await using var reader = await select.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                _ = (reader.GetInt64(0), reader.GetGuid(1), reader.GetInt64(2), reader.GetString(3), reader.GetString(5), reader.GetString(6), reader.GetInt64(7), reader.GetDateTime(8));
                bytes += reader.GetFieldValue<byte[]>(4).Length;
                count++;
            }
        }

        watch.Stop();
        return count == events && bytes > 0 ? watch.Elapsed.TotalSeconds : throw new InvalidOperationException($"{count} of {events} events were read");
    }
}
