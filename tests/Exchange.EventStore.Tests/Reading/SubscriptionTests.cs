using System.Collections.Concurrent;
using Exchange.EventStore.Appending;
using Exchange.EventStore.Reading;
using Exchange.EventStore.Tests.Faults;
using Npgsql;
using static Exchange.EventStore.Tests.Appends;

namespace Exchange.EventStore.Tests.Reading;

/// <summary>Reliability C1 and C7: what a subscription delivers.</summary>
public sealed class SubscriptionTests(ITestOutputHelper output) : IAsyncLifetime
{
    private TestStore store = null!;

    public async ValueTask InitializeAsync() => store = await TestStore.CreateAsync("subscription");

    public ValueTask DisposeAsync() => store.DisposeAsync();

    [Fact]
    public Task Fifty_readers_that_come_and_go_get_every_event_once_and_in_order() => FollowAsync(readers: 50, events: 10_000);

    [Fact]
    [Trait("Stage", "Full")]
    public Task Fifty_readers_get_ten_million_events_once_and_in_order() => FollowAsync(readers: 50, events: 200_000);

    [Fact]
    public Task Two_hundred_readers_that_join_at_any_moment_miss_nothing_between_catching_up_and_live() => JoinAsync(200);

    [Fact]
    [Trait("Stage", "Full")]
    public Task A_thousand_readers_that_join_at_any_moment_miss_nothing_between_catching_up_and_live() => JoinAsync(1_000);

    [Fact]
    public async Task An_idle_subscription_says_so_and_then_wakes()
    {
        var log = await store.OpenAsync();
        var stream = Guid.NewGuid();
        var partition = log.Partitions.ForRecord(stream);
        await using var batches = log.SubscribeAsync(
            new Dictionary<int, long> { [partition] = 0 }, new SubscriptionOptions { IdleInterval = TimeSpan.FromMilliseconds(50) }, CancellationToken.None).GetAsyncEnumerator();

        Assert.True(await batches.MoveNextAsync());
        var idle = batches.Current;
        await log.AppendAsync(Unit(partition, Event(stream)));
        while (await batches.MoveNextAsync() && batches.Current.Slices.Count is 0)
        {
        }

        Assert.Empty(idle.Slices);
        Assert.True(idle.CaughtUp);
        Assert.Equal(0, idle.Positions[partition]);
        Assert.Equal(stream, Assert.Single(Assert.Single(batches.Current.Slices).Events).StreamId);
        Assert.Equal(1, batches.Current.Positions[partition]);
    }

    [Fact]
    public async Task Another_nodes_events_wake_a_waiting_reader()
    {
        var (writer, reader) = (await store.OpenAsync(), await store.OpenAsync());
        var partition = writer.Partitions.Records[0];
        await using var batches = reader.SubscribeAsync(new Dictionary<int, long> { [partition] = 0 }, new SubscriptionOptions(), CancellationToken.None).GetAsyncEnumerator();
        var next = batches.MoveNextAsync();

        await writer.AppendAsync(Unit(partition, Event(Guid.NewGuid())));
        Assert.True(await next.AsTask().WaitAsync(TimeSpan.FromSeconds(20)));
        var delivered = batches.Current;

        Assert.Equal(1, delivered.Positions[partition]);
    }

    [Fact]
    public async Task A_position_that_does_not_exist_is_refused()
    {
        var log = await store.OpenAsync();
        var partition = log.Partitions.Records[0];

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () =>
        {
            await foreach (var _ in log.SubscribeAsync(new Dictionary<int, long> { [partition] = 5 }, new SubscriptionOptions(), CancellationToken.None))
            {
            }
        });
    }

    [Fact]
    public async Task A_gap_stops_the_reader_and_is_named()
    {
        var log = await store.OpenAsync();
        var partition = log.Partitions.Records[0];
        await log.AppendAsync(Unit(partition, [.. Enumerable.Range(0, 10).Select(_ => Event(Guid.NewGuid()))]));
        await store.ExecuteAsync($"DELETE FROM log.event WHERE partition = {partition} AND position = 4");

        var thrown = await Assert.ThrowsAsync<LogCorruptException>(() =>
            log.SubscribeAsync(new Dictionary<int, long> { [partition] = 0 }, new SubscriptionOptions { StopAtHead = true }, CancellationToken.None).CountAsync().AsTask());

        Assert.Equal((partition, 4L), (thrown.Partition, thrown.Position));
    }

    [Fact]
    public async Task Large_events_come_in_small_batches_and_all_come()
    {
        var log = await store.OpenAsync();
        var partition = log.Partitions.Records[0];
        for (var i = 0; i < 10; i++)
        {
            await log.AppendAsync(Unit(partition, [.. Enumerable.Range(0, 4).Select(_ => new NewEvent(Guid.NewGuid(), "thing-happened", new byte[200_000]))]));
        }

        var batches = await log.SubscribeAsync(
            new Dictionary<int, long> { [partition] = 0 }, new SubscriptionOptions { StopAtHead = true, MaxBytes = 500_000 }, CancellationToken.None).ToListAsync();

        Assert.Equal(40, batches.Sum(batch => batch.Slices.Sum(slice => slice.Events.Count)));
        Assert.All(batches, batch => Assert.InRange(batch.Slices.Sum(slice => slice.Events.Sum(e => e.Payload.Length)), 0, 700_000));
    }

    [Fact]
    public async Task Large_events_of_some_partitions_do_not_keep_others_waiting()
    {
        var log = await store.OpenAsync();
        var partitions = log.Partitions.Records.Order().Take(4).ToArray();
        foreach (var (index, partition) in partitions.Index())
        {
            for (var i = 0; i < 4; i++)
            {
                var size = index % 2 is 0 ? 300_000 : 10;
                await log.AppendAsync(Unit(partition, [.. Enumerable.Range(0, 4).Select(_ => new NewEvent(Guid.NewGuid(), "thing-happened", new byte[size]))]));
            }
        }

        var options = new SubscriptionOptions { StopAtHead = true, MaxEvents = 4, MaxBytes = 500_000 };
        var batches = await log.SubscribeAsync(partitions.ToDictionary(partition => partition, _ => 0L), options, CancellationToken.None).ToListAsync();

        // Every partition is served before any is served a third time.
        var served = batches.SelectMany(batch => batch.Slices).Select(slice => slice.Partition).ToList();
        Assert.Equal(64, batches.Sum(batch => batch.Slices.Sum(slice => slice.Events.Count)));
        Assert.All(partitions, partition => Assert.InRange(served.IndexOf(partition), 0, 7));
    }

    [Fact]
    public async Task A_subscription_outlives_broken_connections_and_gives_every_event_once_and_in_order()
    {
        var log = await store.OpenAsync();
        var all = log.Partitions.Records.ToDictionary(partition => partition, _ => 0L);
        var stored = new ConcurrentDictionary<(int Partition, long Position), Guid>();
        var judge = new DeliveryJudge(all, stored);
        var begun = new TaskCompletionSource();
        var reading = Task.Run(async () =>
        {
            await foreach (var batch in log.SubscribeAsync(all, new SubscriptionOptions { IdleInterval = TimeSpan.FromMilliseconds(200) }, CancellationToken.None))
            {
                begun.TrySetResult();
                judge.Add(batch);

                // Until it says that nothing more is there, so that an event given twice in the end shows too.
                if (judge.Delivered >= 300 && batch.Slices.Count is 0)
                {
                    break;
                }
            }
        });

        // One that is cut before its first batch is refused: that is for its caller to repeat.
        await Task.WhenAny(begun.Task, reading).WaitAsync(TimeSpan.FromSeconds(30));
        var cut = 0L;
        for (var i = 0; i < 300; i++)
        {
            var stream = Guid.NewGuid();
            var result = await log.AppendAsync(Unit(log.Partitions.ForRecord(stream), Event(stream)));
            stored[(result.Units[0].Partition, result.Units[0].FirstPosition)] = stream;
            if (i % 50 is 0)
            {
                cut += await store.ScalarAsync<long>("SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'exchange reader' AND datname = current_database()");
            }
        }

        await reading.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Null(judge.FindFault(log.Heads.Snapshot()));
        Assert.Equal(300, judge.Delivered);
        Assert.InRange(cut, 1, long.MaxValue);
    }

    [Theory]
    [InlineData(Carelessness.None, null)]
    [InlineData(Carelessness.Skips, "begins at 6, the last ended at 5")]
    [InlineData(Carelessness.Repeats, "begins at 4, the last ended at 5")]
    [InlineData(Carelessness.Swaps, "position 2 of partition 8 follows 0")]
    [InlineData(Carelessness.Renumbers, "was delivered as another event")]
    [InlineData(Carelessness.JoinsLive, "begins at 29, the last ended at 17")]
    [InlineData(Carelessness.Promises, "the bookmark of partition 8 is 6, and 5 was delivered")]
    public async Task The_control_readers_that_skip_repeat_swap_or_join_too_late_are_found(Carelessness carelessness, string? fault)
    {
        var log = await store.OpenAsync();
        var partition = log.Partitions.Records[0];
        var stored = new ConcurrentDictionary<(int Partition, long Position), Guid>();
        var judge = new DeliveryJudge(new Dictionary<int, long> { [partition] = 0 }, stored);
        var written = new List<Guid>();
        await WriteSomeAsync();

        await foreach (var batch in new CarelessReader(store.Database, partition, carelessness).ReadAsync(0, WriteSomeAsync))
        {
            judge.Add(batch);
        }

        // The writer's answers come last: what was delivered before them is compared all the same.
        for (var i = 0; i < written.Count; i++)
        {
            stored[(partition, i + 1)] = written[i];
        }

        var found = judge.FindFault(new Dictionary<int, long> { [partition] = written.Count });
        Assert.Equal(fault is null, found is null);
        Assert.Contains(fault ?? "", found ?? "", StringComparison.Ordinal);

        async Task WriteSomeAsync()
        {
            var streams = Enumerable.Range(0, 17).Select(_ => Guid.NewGuid()).ToList();
            Assert.Null((await log.AppendAsync(Unit(partition, streams.ConvertAll(stream => Event(stream))))).Refusal);
            written.AddRange(streams);
        }
    }

    private async Task FollowAsync(int readers, int events)
    {
        await using var server = await OwnServer.StartAsync(new Dictionary<string, string> { ["max_connections"] = "200" });
        await using var killed = await TestStore.OnAsync(await server.Postgres.CreateDatabaseAsync("follow", CancellationToken.None));
        var nodes = new[] { await OpenAsync(), await OpenAsync() };
        var stored = new ConcurrentDictionary<(int Partition, long Position), Guid>();
        var (broken, killedAt) = (0, 0);
        var writing = WriteAsync(nodes, events, stored);
        var heads = ReadHeadsAsync();
        var killing = KillAsync();

        var reading = Enumerable.Range(0, readers).Select(reader => Task.Run(async () =>
        {
            // Comes and goes: each time it resumes from what it holds, with other bounds.
            var random = new Random(reader);
            var judge = new DeliveryJudge(nodes[0].Partitions.Records.ToDictionary(partition => partition, _ => 0L), stored);
            while (!(heads.IsCompletedSuccessfully && judge.Positions.All(p => p.Value >= heads.Result[p.Key])))
            {
                var options = new SubscriptionOptions { MaxEvents = random.Next(1, 2_000), IdleInterval = TimeSpan.FromMilliseconds(100) };
                var left = random.Next(1, 40);
                try
                {
                    await foreach (var batch in nodes[random.Next(2)].SubscribeAsync(judge.Positions, options, CancellationToken.None))
                    {
                        judge.Add(batch);
                        if (left-- is 0 || (writing.IsCompleted && batch.Slices.Count is 0))
                        {
                            break;
                        }
                    }
                }
                catch (NpgsqlException)
                {
                    // The server is away just when it comes.
                    Interlocked.Increment(ref broken);
                    await Task.Delay(20, CancellationToken.None);
                }
            }

            return judge;
        })).ToList();
        await killing;
        await heads;
        var judges = await Task.WhenAll(reading).WaitAsync(TimeSpan.FromMinutes(5));

        output.WriteLine($"{judges.Sum(judge => judge.Delivered)} deliveries to {readers} readers; a kill after {killedAt} events met {broken} readers as they came");
        Assert.InRange(killedAt, 1, events - 1);
        Assert.Equal(events, stored.Count);
        Assert.All(judges, judge => Assert.Null(judge.FindFault(heads.Result)));
        Assert.All(judges, judge => Assert.Equal(events, judge.Delivered));

        Task<EventLog> OpenAsync() => killed.OpenAsync(options => options with { RetryFor = TimeSpan.FromMinutes(2) });

        // From the database: a node hears of the other's last events a little later.
        async Task<IReadOnlyDictionary<int, long>> ReadHeadsAsync()
        {
            await writing;
            while (true)
            {
                try
                {
                    return await nodes[0].Reader.ReadHeadsAsync(nodes[0].Partitions.Records, CancellationToken.None);
                }
                catch (NpgsqlException)
                {
                    // A connection of before the kill.
                }
            }
        }

        async Task KillAsync()
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            while (stored.Count < events / 3)
            {
                await Task.Delay(5, deadline.Token);
            }

            killedAt = stored.Count;
            await server.Postgres.KillAsync(CancellationToken.None);
            await server.Postgres.RestartAsync(CancellationToken.None);
        }
    }

    private async Task JoinAsync(int joins)
    {
        var log = await store.OpenAsync();
        var stored = new ConcurrentDictionary<(int Partition, long Position), Guid>();
        var judges = new ConcurrentBag<DeliveryJudge>();
        using var ending = new CancellationTokenSource();
        var pace = new WritersPace();
        var writing = WriteAsync([log], int.MaxValue, stored, pace, ending.Token);

        await Parallel.ForEachAsync(Enumerable.Range(0, joins), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (join, _) =>
        {
            // From the head of a moment ago, or a little before it: reads some, catches up, lives a while, and leaves.
            var random = new Random(join);
            var from = log.Heads.Snapshot().Where(head => log.Partitions.Records.Contains(head.Key)).ToDictionary(head => head.Key, head => Math.Max(0, head.Value - random.Next(200)));
            var judge = new DeliveryJudge(from, stored);
            var (live, batches) = (random.Next(1, 5), 0);
            using var reader = pace.Follow();
            await foreach (var batch in log.SubscribeAsync(from, new SubscriptionOptions { MaxEvents = random.Next(10, 500), IdleInterval = TimeSpan.FromMilliseconds(200) }, CancellationToken.None))
            {
                judge.Add(batch);
                reader.Report(isBehind: !batch.CaughtUp && ++batches > 20);
                live -= batch.CaughtUp ? 1 : 0;
                if (live is 0)
                {
                    break;
                }
            }

            judges.Add(judge);
        });
        await ending.CancelAsync();
        await writing;

        output.WriteLine($"{joins} joins and {judges.Sum(judge => judge.Delivered)} deliveries while {stored.Count} events were stored");
        Assert.True(stored.Count > joins);
        Assert.Equal(joins, judges.Count);
        Assert.All(judges, judge => Assert.Null(judge.FindFault(heads: null)));
        Assert.True(judges.Sum(judge => judge.Delivered) > joins);
    }

    private static async Task WriteAsync(
        EventLog[] nodes, int events, ConcurrentDictionary<(int Partition, long Position), Guid> stored, WritersPace? pace = null, CancellationToken ending = default)
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            var random = new Random(writer);
            for (var written = 0; written < events / 4 && !ending.IsCancellationRequested;)
            {
                var streams = Enumerable.Range(0, Math.Min(random.Next(1, 80), events / 4 - written)).Select(_ => Guid.NewGuid()).ToList();
                var units = streams.GroupBy(nodes[0].Partitions.ForRecord).Select(group => Unit(group.Key, [.. group.Select(stream => Event(stream))])).ToList();
                var result = await nodes[writer % nodes.Length].AppendAsync(units);
                Assert.Null(result.Refusal);
                foreach (var (unit, answer) in units.Zip(result.Units))
                {
                    for (var i = 0; i < unit.Events.Count; i++)
                    {
                        stored[(answer.Partition, answer.FirstPosition + i)] = unit.Events[i].StreamId;
                    }
                }

                written += streams.Count;
                await (pace?.WaitAsync() ?? Task.CompletedTask);
            }
        })));
    }
}
