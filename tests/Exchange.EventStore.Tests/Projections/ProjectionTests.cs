using Exchange.EventStore.Projections;
using Exchange.EventStore.Tests.Faults;
using Microsoft.Extensions.Logging.Abstractions;
using static Exchange.EventStore.Tests.Appends;

namespace Exchange.EventStore.Tests.Projections;

/// <summary>Reliability C8, C9 and C10: rebuilt beside the live one, stopped by poison, each event's effect once.</summary>
public sealed class ProjectionTests(ITestOutputHelper output)
{
    // What the projection must hold, from the log itself.
    private const string Expected = "SELECT coalesce(md5(string_agg(concat(stream_id, ' ', events, ' ', bytes), ',' ORDER BY stream_id)), '') FROM (SELECT stream_id, count(*) AS events, sum(length(payload)) AS bytes FROM log.event GROUP BY stream_id) AS e";

    [Fact]
    public async Task A_rebuild_while_live_twice_with_two_projections_over_the_same_events_gives_the_same_tables()
    {
        await using var store = await TestStore.CreateAsync("projection");
        var log = await store.OpenAsync();
        await using var one = await StartAsync(log, new SumProjection("one", log.Partitions.Records));
        await using var two = await StartAsync(log, new SumProjection("two", log.Partitions.Records));
        var streams = Enumerable.Range(0, 50).Select(_ => Guid.NewGuid()).ToList();
        using var ending = new CancellationTokenSource();
        var writing = WriteAsync(log, streams, ending.Token);

        foreach (var build in new[] { 2, 3 })
        {
            await one.RebuildAsync(CancellationToken.None);
            await two.RebuildAsync(CancellationToken.None);

            // Served without a pause: the view always has a table behind it.
            while ((await one.ReadStatusAsync(CancellationToken.None)).ActiveBuild < build || (await two.ReadStatusAsync(CancellationToken.None)).ActiveBuild < build)
            {
                Assert.True(await store.ScalarAsync<long>("SELECT count(*) FROM one") + await store.ScalarAsync<long>("SELECT count(*) FROM two") > 0 || build is 2);
            }
        }

        await ending.CancelAsync();
        await writing;
        await UntilCaughtUpAsync(one);
        await UntilCaughtUpAsync(two);

        var expected = await store.ScalarAsync<string>(Expected);
        Assert.Equal(expected, await HashAsync(store, "one"));
        Assert.Equal(expected, await HashAsync(store, "two"));
        Assert.Equal(2L, await store.ScalarAsync<long>("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'one\\__' OR tablename LIKE 'two\\__'"));
        Assert.Equal(64L, await store.ScalarAsync<long>("SELECT count(*) FROM log.projection_checkpoint"));
    }

    [Fact]
    public async Task A_poison_event_stops_its_projection_and_says_so_and_the_others_go_on()
    {
        await using var store = await TestStore.CreateAsync("poison");
        var log = await store.OpenAsync();
        var partition = log.Partitions.Records[0];
        var isMended = false;
        var projection = new SumProjection("poisoned", log.Partitions.Records)
        {
            OnEvent = (_, e) =>
            {
                if (!isMended && e.Partition == partition && e.Position is 7)
                {
                    throw new InvalidDataException("unknown type");
                }
            },
        };
        await log.AppendAsync(Unit(partition, [.. Enumerable.Range(0, 20).Select(_ => Event(Guid.NewGuid()))]));
        await log.AppendAsync(Unit(log.Partitions.Records[1], Event(Guid.NewGuid())));
        await using var runner = await StartAsync(log, projection);
        await using var healthy = await StartAsync(log, new SumProjection("healthy", log.Partitions.Records));

        var stopped = await UntilAsync(runner, status => status.Stop is not null && status.Progress.Any(p => p.Partition != partition && p.Position > 0));
        await UntilCaughtUpAsync(healthy);
        isMended = true;
        await runner.RetryAsync(CancellationToken.None);
        await UntilCaughtUpAsync(runner);

        // Everything before it has its effect, nothing after it has, nothing is skipped.
        Assert.Equal((partition, 6L, 7L, "InvalidDataException: unknown type"), (stopped.Stop!.Partition, stopped.Stop.Position, stopped.Stop.StopPosition, stopped.Stop.StopReason));
        Assert.Equal(await store.ScalarAsync<string>(Expected), await HashAsync(store, "poisoned"));
        Assert.Equal(await store.ScalarAsync<string>(Expected), await HashAsync(store, "healthy"));
    }

    [Fact]
    public async Task A_rebuild_that_meets_poison_leaves_the_active_build_served()
    {
        await using var store = await TestStore.CreateAsync("poison_rebuild");
        var log = await store.OpenAsync();
        var projection = new SumProjection("served", log.Partitions.Records)
        {
            OnEvent = (build, e) => _ = build is 2 && e.Version is 3 ? throw new InvalidDataException("cannot be read any more") : build,
        };
        var stream = Guid.NewGuid();
        await log.AppendAsync(Unit(log.Partitions.ForRecord(stream), [.. Enumerable.Range(0, 5).Select(_ => Event(stream))]));
        await using var runner = await StartAsync(log, projection);
        await UntilCaughtUpAsync(runner);

        await runner.RebuildAsync(CancellationToken.None);
        var status = await UntilAsync(runner, status => status.Progress.Any(p => p.Build is 2 && p.StopReason is not null));

        Assert.Equal((1, 2), (status.ActiveBuild, status.NextBuild));
        Assert.Equal(5L, await store.ScalarAsync<long>("SELECT events FROM served"));
    }

    [Fact]
    public Task Every_event_has_its_effect_once_over_100_broken_transactions_and_8_kills() => KillAsync(100, 8);

    [Fact]
    [Trait("Stage", "Full")]
    public Task Every_event_has_its_effect_once_over_400_broken_transactions_and_100_kills() => KillAsync(400, 100);

    /// <summary>C10 asks for 500 kills; connections are cut and servers killed while two nodes run one projection and rebuild it.</summary>
    private async Task KillAsync(int cuts, int kills)
    {
        await using var server = await OwnServer.StartAsync(new Dictionary<string, string>());
        await using var store = await TestStore.OnAsync(await server.Postgres.CreateDatabaseAsync("once", CancellationToken.None));
        var nodes = new[] { await store.OpenAsync(options => options with { RetryFor = TimeSpan.FromMinutes(2) }), await store.OpenAsync(options => options with { RetryFor = TimeSpan.FromMinutes(2) }) };
        await using var one = await StartAsync(nodes[0], new SumProjection("once", nodes[0].Partitions.Records));
        await using var other = await StartAsync(nodes[1], new SumProjection("once", nodes[0].Partitions.Records));
        var streams = Enumerable.Range(0, 50).Select(_ => Guid.NewGuid()).ToList();
        using var ending = new CancellationTokenSource();
        var writing = WriteAsync(nodes[0], streams, ending.Token);
        var random = new Random(1);
        for (var i = 0; i < cuts + kills; i++)
        {
            if (i % ((cuts + kills) / kills) is 0)
            {
                await server.Postgres.KillAsync(CancellationToken.None);
                await server.Postgres.RestartAsync(CancellationToken.None);
                await RetryingAsync(() => one.RebuildAsync(CancellationToken.None));
            }
            else
            {
                await RetryingAsync(() => store.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'exchange' AND datname = current_database()"));
            }

            await Task.Delay(random.Next(5, 40));
        }

        await ending.CancelAsync();
        await writing;
        var status = await UntilAsync(one, status => status.NextBuild is null && status.Progress.All(p => p.Position == p.Head));

        output.WriteLine($"build {status.ActiveBuild} is active after {cuts} cuts and {kills} kills, {await store.ScalarAsync<long>("SELECT count(*) FROM log.event")} events");
        Assert.Equal(await store.ScalarAsync<string>(Expected), await HashAsync(store, "once"));
        Assert.Equal(1L, await store.ScalarAsync<long>("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'once\\_%'"));
    }

    private static async Task<ProjectionRunner> StartAsync(EventLog log, SumProjection projection)
    {
        var runner = new ProjectionRunner(log, projection, NullLogger.Instance);
        await runner.StartAsync(CancellationToken.None);
        return runner;
    }

    private static async Task WriteAsync(EventLog log, List<Guid> streams, CancellationToken ending)
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

    private static Task<ProjectionStatus> UntilCaughtUpAsync(ProjectionRunner runner) =>
        UntilAsync(runner, status => status.Progress.Where(p => p.Build == status.ActiveBuild).All(p => p.Position == p.Head));

    private static async Task<ProjectionStatus> UntilAsync(ProjectionRunner runner, Predicate<ProjectionStatus> isDone)
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

    private static Task<bool> RetryingAsync(Func<Task> act) => RetryingAsync(async () =>
    {
        await act();
        return true;
    });

    private static async Task<T> RetryingAsync<T>(Func<Task<T>> act)
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

    private static Task<string> HashAsync(TestStore store, string view) =>
        store.ScalarAsync<string>($"SELECT coalesce(md5(string_agg(concat(stream_id, ' ', events, ' ', bytes), ',' ORDER BY stream_id)), '') FROM {view}");
}
