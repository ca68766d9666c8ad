using Npgsql;

namespace Exchange.EventStore.Tests.Appending;

/// <summary>
/// Judges the positions of a log: 1..N in every partition, at every moment at which somebody looks. It watches any table of (partition, position)
/// beside any of (partition, head), so that a log that draws its positions from a sequence is held to the same.
/// </summary>
public sealed class PositionWatch(NpgsqlDataSource database, string events, string heads)
{
    private readonly Dictionary<int, long> seen = [];

    public int Looks { get; private set; }

    /// <summary>How often a head moved between two looks.</summary>
    public int Moves { get; private set; }

    /// <summary>What a live reader found first; null while heads only grew, with every position below them there.</summary>
    public string? LiveFault { get; private set; }

    /// <summary>Looks again and again, each time at what came since; once more when told to stop.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            await LookAsync();
            await Task.WhenAny(Task.Delay(5, CancellationToken.None), Task.Delay(-1, stopping));
        }

        await LookAsync();
    }

    /// <summary>Looks at everything: the first partition whose positions are not 1..head; null when there is none.</summary>
    public async Task<string?> FindHoleAsync()
    {
        await using var command = database.CreateCommand($"""
            SELECT h.partition, h.head, coalesce(e.n, 0), coalesce(e.first, 1), coalesce(e.last, 0)
            FROM {heads} AS h
            LEFT JOIN (SELECT partition, count(*) AS n, min(position) AS first, max(position) AS last FROM {events} GROUP BY partition) AS e USING (partition)
            WHERE h.head <> coalesce(e.n, 0) OR h.head <> coalesce(e.last, 0) OR coalesce(e.first, 1) <> 1
            ORDER BY h.partition
            LIMIT 1
            """);
        await using var reader = await command.ExecuteReaderAsync();
        return await reader.ReadAsync()
            ? $"partition {reader.GetInt32(0)} has head {reader.GetInt64(1)} and {reader.GetInt64(2)} events from {reader.GetInt64(3)} to {reader.GetInt64(4)}"
            : null;
    }

    private async Task LookAsync()
    {
        await using var command = database.CreateCommand($"""
            SELECT h.partition, h.head, u.seen, (SELECT count(*) FROM {events} AS e WHERE e.partition = h.partition AND e.position > u.seen)
            FROM {heads} AS h JOIN unnest($1::int[], $2::bigint[]) AS u (partition, seen) ON u.partition = h.partition
            UNION ALL
            SELECT h.partition, h.head, 0, (SELECT count(*) FROM {events} AS e WHERE e.partition = h.partition)
            FROM {heads} AS h WHERE h.partition <> ALL ($1)
            """);
        command.Parameters.Add(new() { Value = seen.Keys.ToArray() });
        command.Parameters.Add(new() { Value = seen.Values.ToArray() });
        await using var reader = await command.ExecuteReaderAsync();
        Looks++;
        while (await reader.ReadAsync())
        {
            var (partition, head, before, count) = (reader.GetInt32(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3));
            LiveFault ??= head - before == count ? null : $"the head of partition {partition} went from {before} to {head}, and {count} events came";
            Moves += head == before ? 0 : 1;
            seen[partition] = head;
        }
    }
}
