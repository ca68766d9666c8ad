using Exchange.EventStore.Tests.Faults;
using static Exchange.EventStore.Tests.Appends;
using static Exchange.EventStore.Tests.Projections.Projecting;

namespace Exchange.EventStore.Tests.Projections;

/// <summary>Reliability C9 and C10: stopped by poison, each event's effect once.</summary>
public sealed class ProjectionTests(ITestOutputHelper output)
{
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
    public Task Every_event_has_its_effect_once_over_500_broken_transactions_and_kills() => KillAsync(492, 8);

    [Fact]
    [Trait("Stage", "Full")]
    public Task Every_event_has_its_effect_once_over_400_broken_transactions_and_100_kills() => KillAsync(400, 100);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_control_that_keeps_its_checkpoint_in_another_transaction_repeats_events_or_skips_them(bool isCheckpointFirst)
    {
        await using var store = await TestStore.CreateAsync("twosteps");
        var log = await store.OpenAsync();
        var control = new TwoStepRunner(store, log, new SumProjection("careless", log.Partitions.Records), isCheckpointFirst);
        await control.CreateAsync();
        using var ending = new CancellationTokenSource();
        var writing = WriteAsync(log, [.. Enumerable.Range(0, 50).Select(_ => Guid.NewGuid())], ending.Token);
        using var stopping = new CancellationTokenSource();
        var running = control.RunAsync(stopping.Token);

        var hits = 0L;
        var random = new Random(1);
        for (var i = 0; i < 100; i++)
        {
            hits += await CutAsync(store);
            await Task.Delay(random.Next(5, 40));
        }

        await ending.CancelAsync();
        await writing;
        await stopping.CancelAsync();
        await running;

        var (counted, stored) = (await store.ScalarAsync<long>("SELECT sum(events)::bigint FROM careless"), await store.ScalarAsync<long>("SELECT count(*) FROM log.event"));
        output.WriteLine($"{hits} transactions were cut; {counted} effects of {stored} events");
        Assert.InRange(hits, 1, long.MaxValue);
        Assert.NotEqual(await store.ScalarAsync<string>(Expected), await HashAsync(store, "careless"));
        Assert.Equal(isCheckpointFirst, counted < stored);
    }

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
        var hits = 0L;
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
                hits += await RetryingAsync(() => CutAsync(store));
            }

            await Task.Delay(random.Next(5, 40));
        }

        await ending.CancelAsync();
        await writing;
        var status = await UntilAsync(one, status => status.NextBuild is null && status.Progress.All(p => p.Position == p.Head));

        output.WriteLine($"build {status.ActiveBuild} is active after {cuts} cuts that hit {hits} transactions and {kills} kills, {await store.ScalarAsync<long>("SELECT count(*) FROM log.event")} events");
        Assert.InRange(hits, 1, long.MaxValue);
        Assert.InRange(status.ActiveBuild, 2, int.MaxValue);
        Assert.Equal(await store.ScalarAsync<string>(Expected), await HashAsync(store, "once"));
        Assert.Equal(1L, await store.ScalarAsync<long>("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'once\\_%'"));
    }

    /// <summary>Cuts the connections of projections; how many were in a transaction.</summary>
    private static Task<long> CutAsync(TestStore store) => store.ScalarAsync<long>(
        "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid) AND xact_start IS NOT NULL) FROM pg_stat_activity WHERE application_name = 'exchange' AND datname = current_database()");
}
