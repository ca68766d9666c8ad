using Exchange.EventStore.Projections;
using Microsoft.Extensions.Logging.Abstractions;
using static Exchange.EventStore.Tests.Appends;

namespace Exchange.EventStore.Tests.Projections;

/// <summary>Runs <see cref="SumProjection"/>s and compares what they hold with the log.</summary>
public static class Projecting
{
    /// <summary>What a projection over all records must hold, from the log itself; see <see cref="HashAsync"/>.</summary>
    public const string Expected = "SELECT coalesce(md5(string_agg(concat(stream_id, ' ', events, ' ', bytes), ',' ORDER BY stream_id)), '') FROM (SELECT stream_id, count(*) AS events, sum(length(payload)) AS bytes FROM log.event GROUP BY stream_id) AS e";

    public static async Task<ProjectionRunner> StartAsync(EventLog log, SumProjection projection)
    {
        var runner = new ProjectionRunner(log, projection, NullLogger.Instance);
        await runner.StartAsync(CancellationToken.None);
        return runner;
    }

    public static async Task WriteAsync(EventLog log, List<Guid> streams, CancellationToken ending)
    {
        var random = new Random(7);
        while (!ending.IsCancellationRequested)
        {
            var units = Enumerable.Range(0, random.Next(1, 30)).Select(_ => streams[random.Next(streams.Count)]).GroupBy(log.Partitions.ForRecord)
                .Select(group => Unit(group.Key, [.. group.Select(stream => Event(stream, new string('x', random.Next(50))))])).ToList();
            Assert.Null((await log.AppendAsync(units)).Refusal);
            await Task.Delay(2, CancellationToken.None);
        }
    }

    public static Task<ProjectionStatus> UntilCaughtUpAsync(ProjectionRunner runner) =>
        UntilAsync(runner, status => status.Progress.Where(p => p.Build == status.ActiveBuild).All(p => p.Position == p.Head));

    public static async Task<ProjectionStatus> UntilAsync(ProjectionRunner runner, Predicate<ProjectionStatus> isDone)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (true)
        {
            if (await RetryingAsync(() => runner.ReadStatusAsync(CancellationToken.None)) is var status && isDone(status))
            {
                return status;
            }

            await Task.Delay(10, deadline.Token);
        }
    }

    public static Task<bool> RetryingAsync(Func<Task> act) => RetryingAsync(async () =>
    {
        await act();
        return true;
    });

    public static async Task<T> RetryingAsync<T>(Func<Task<T>> act)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (true)
        {
            try
            {
                return await act();
            }
            catch (Npgsql.NpgsqlException) when (!deadline.IsCancellationRequested)
            {
                // Its connection was cut.
                await Task.Delay(5, CancellationToken.None);
            }
        }
    }

    public static Task<string> HashAsync(TestStore store, string view) =>
        store.ScalarAsync<string>($"SELECT coalesce(md5(string_agg(concat(stream_id, ' ', events, ' ', bytes), ',' ORDER BY stream_id)), '') FROM {view}");

    /// <summary>
    /// How many events a view holds, and how many streams differ from the log's prefix of that length by partition. One statement: one moment.
    /// </summary>
    public static async Task<(long Events, long Wrong)> ComparePrefixAsync(TestStore store, string view)
    {
        await using var command = store.Database.CreateCommand($"""
            WITH home AS (SELECT DISTINCT partition, stream_id FROM log.event),
            held AS (SELECT partition, sum(events) AS events FROM {view} LEFT JOIN home USING (stream_id) GROUP BY partition),
            prefix AS (
                SELECT e.stream_id, count(*) AS events, sum(length(e.payload)) AS bytes
                FROM log.event AS e JOIN held ON held.partition = e.partition AND e.position <= held.events
                GROUP BY e.stream_id)
            SELECT (SELECT coalesce(sum(events), 0)::bigint FROM held), count(*)
            FROM prefix AS p FULL JOIN {view} AS v USING (stream_id)
            WHERE p.events IS DISTINCT FROM v.events OR p.bytes IS DISTINCT FROM v.bytes
            """);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return (reader.GetInt64(0), reader.GetInt64(1));
    }
}
