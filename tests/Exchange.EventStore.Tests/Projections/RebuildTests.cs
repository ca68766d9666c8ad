using Exchange.EventStore.Tests.Faults;
using static Exchange.EventStore.Tests.Appends;
using static Exchange.EventStore.Tests.Projections.Projecting;

namespace Exchange.EventStore.Tests.Projections;

/// <summary>Reliability C8: a projection is rebuilt beside the one that is served, and comes out the same.</summary>
public sealed class RebuildTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_rebuild_while_live_twice_with_two_projections_over_the_same_events_serves_a_prefix_at_every_moment()
    {
        await using var store = await TestStore.CreateAsync("projection");
        var log = await store.OpenAsync();
        using var goOn = new ManualResetEventSlim();
        var active = 1;
        await using var one = await StartAsync(log, new SumProjection("one", log.Partitions.Records) { OnEvent = (build, _) => HoldBack(build) });
        await using var two = await StartAsync(log, new SumProjection("two", log.Partitions.Records) { OnEvent = (build, _) => HoldBack(build) });
        var served = new Dictionary<string, long> { ["one"] = 0, ["two"] = 0 };
        using var ending = new CancellationTokenSource();
        var streams = Enumerable.Range(0, 50).Select(_ => Guid.NewGuid()).ToList();

        // More in a partition than a build reads in one turn: a swap finds it behind the one that is served.
        await log.AppendAsync([.. streams.GroupBy(log.Partitions.ForRecord).Select(group => Unit(group.Key, [.. group.SelectMany(stream => Enumerable.Range(0, 100).Select(_ => Event(stream)))]))]);
        var writing = WriteAsync(log, streams, ending.Token);
        await UntilAsync(one, status => status.Progress.Any(p => p.Position > 0));
        await UntilAsync(two, status => status.Progress.Any(p => p.Position > 0));

        var reads = 0;
        foreach (var build in new[] { 2, 3 })
        {
            Volatile.Write(ref active, build - 1);
            goOn.Reset();
            await one.RebuildAsync(CancellationToken.None);
            await two.RebuildAsync(CancellationToken.None);

            // The new build cannot go on before its tables were there while the old one was read.
            Assert.Equal((build - 1, build), await BuildsAsync());
            await CompareAsync();
            goOn.Set();
            while (await BuildsAsync() is var builds && builds != (build, null))
            {
                await CompareAsync();
                reads++;
            }

            await CompareAsync();
        }

        await ending.CancelAsync();
        await writing;
        await UntilCaughtUpAsync(one);
        await UntilCaughtUpAsync(two);

        output.WriteLine($"{reads} reads while rebuilding, {served["one"]} events at the end");
        var expected = await store.ScalarAsync<string>(Expected);
        Assert.Equal(expected, await HashAsync(store, "one"));
        Assert.Equal(expected, await HashAsync(store, "two"));
        Assert.Equal(2L, await store.ScalarAsync<long>("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'one\\__' OR tablename LIKE 'two\\__'"));
        Assert.Equal(64L, await store.ScalarAsync<long>("SELECT count(*) FROM log.projection_checkpoint"));

        // The control of the comparison: an effect too many, an effect of the wrong event.
        await store.ExecuteAsync("UPDATE one_3 SET bytes = bytes + 1 WHERE stream_id = (SELECT min(stream_id::text)::uuid FROM one_3)");
        await store.ExecuteAsync("UPDATE two_3 SET events = events + 1 WHERE stream_id = (SELECT min(stream_id::text)::uuid FROM two_3)");
        Assert.InRange((await ComparePrefixAsync(store, "one")).Wrong, 1, long.MaxValue);
        Assert.InRange((await ComparePrefixAsync(store, "two")).Wrong, 1, long.MaxValue);

        void HoldBack(int build) => Assert.True(build <= Volatile.Read(ref active) || goOn.Wait(TimeSpan.FromMinutes(1)));

        // Both projections as one: the lower active build, and a next one while either has one.
        async Task<(int Active, int? Next)> BuildsAsync()
        {
            var (first, second) = (await one.ReadStatusAsync(CancellationToken.None), await two.ReadStatusAsync(CancellationToken.None));
            return (Math.Min(first.ActiveBuild, second.ActiveBuild), first.NextBuild ?? second.NextBuild);
        }

        // Some prefix of the log by partition, never empty, never shorter than it was read before.
        async Task CompareAsync()
        {
            foreach (var view in served.Keys.ToList())
            {
                var (events, wrong) = await ComparePrefixAsync(store, view);
                Assert.Equal(0L, wrong);
                Assert.InRange(events, Math.Max(1, served[view]), long.MaxValue);
                served[view] = events;
            }
        }
    }

    [Fact]
    public async Task A_kill_in_the_middle_of_the_swap_leaves_exactly_one_active_build()
    {
        await using var server = await OwnServer.StartAsync(new Dictionary<string, string>());
        await using var store = await TestStore.OnAsync(await server.Postgres.CreateDatabaseAsync("swap", CancellationToken.None));
        var log = await store.OpenAsync(options => options with { RetryFor = TimeSpan.FromMinutes(1) });
        var (entered, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        var served = new List<int>();
        var projection = new SumProjection("swapped", log.Partitions.Records)
        {
            OnServe = build =>
            {
                served.Add(build);
                _ = build is 2 && entered.TrySetResult();
                return build is 2 ? goOn.Task : Task.CompletedTask;
            },
        };
        foreach (var stream in Enumerable.Range(0, 40).Select(_ => Guid.NewGuid()))
        {
            await log.AppendAsync(Unit(log.Partitions.ForRecord(stream), Event(stream), Event(stream)));
        }

        await using var runner = await StartAsync(log, projection);
        await UntilCaughtUpAsync(runner);

        // The new build is complete and its view is made, but nothing of it is committed.
        await runner.RebuildAsync(CancellationToken.None);
        await entered.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await server.Postgres.KillAsync(CancellationToken.None);
        await server.Postgres.RestartAsync(CancellationToken.None);
        var killed = await RetryingAsync(() => runner.ReadStatusAsync(CancellationToken.None));
        var meanwhile = await RetryingAsync(() => ComparePrefixAsync(store, "swapped"));
        goOn.SetResult();
        var swapped = await UntilAsync(runner, status => status.NextBuild is null);

        Assert.Equal((1, 2), (killed.ActiveBuild, killed.NextBuild));
        Assert.Equal((80L, 0L), meanwhile);
        Assert.Equal(2, swapped.ActiveBuild);
        Assert.Equal([1, 2, 2], served);
        Assert.Equal("swapped_2", await store.ScalarAsync<string>("SELECT string_agg(tablename, ' ') FROM pg_tables WHERE tablename LIKE 'swapped\\_%'"));
        Assert.Equal("2", await store.ScalarAsync<string>("SELECT string_agg(DISTINCT build::text, ' ') FROM log.projection_checkpoint"));
        Assert.Equal(await store.ScalarAsync<string>(Expected), await HashAsync(store, "swapped"));
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
}
