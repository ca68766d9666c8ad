using System.Collections.Concurrent;
using Exchange.EventStore.Appending;
using Exchange.EventStore.Reading;
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
    public async Task A_subscription_outlives_broken_connections()
    {
        var log = await store.OpenAsync();
        var all = log.Partitions.Records.ToDictionary(partition => partition, _ => 0L);
        var reader = Task.Run(() => CollectAsync(log, all, 300, CancellationToken.None));
        for (var i = 0; i < 300; i++)
        {
            var stream = Guid.NewGuid();
            await log.AppendAsync(Unit(log.Partitions.ForRecord(stream), Event(stream)));
            if (i % 50 is 0)
            {
                await store.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
            }
        }

        var collected = await reader.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(300, collected.Distinct().Count());
    }

    private async Task FollowAsync(int readers, int events)
    {
        var nodes = new[] { await store.OpenAsync(), await store.OpenAsync() };
        var expected = new ConcurrentDictionary<(int Partition, long Position), Guid>();
        var writing = WriteAsync(nodes, events, expected, throttle: false);

        var reading = Enumerable.Range(0, readers).Select(reader => Task.Run(async () =>
        {
            // Comes and goes: each time it resumes from what it holds, with other bounds.
            var random = new Random(reader);
            var positions = nodes[0].Partitions.Records.ToDictionary(partition => partition, _ => 0L);
            var delivered = 0;
            while (!(writing.IsCompleted && positions.All(p => p.Value >= nodes[0].Heads.Confirm(p.Key).Head)))
            {
                var options = new SubscriptionOptions { MaxEvents = random.Next(1, 2_000), IdleInterval = TimeSpan.FromMilliseconds(100) };
                var left = random.Next(1, 40);
                await foreach (var batch in nodes[random.Next(2)].SubscribeAsync(positions, options, CancellationToken.None))
                {
                    delivered += Check(batch, positions, expected);
                    if (left-- is 0 || (writing.IsCompleted && batch.Slices.Count is 0))
                    {
                        break;
                    }
                }
            }

            return delivered;
        })).ToList();
        await writing;
        var counts = await Task.WhenAll(reading).WaitAsync(TimeSpan.FromMinutes(5));

        output.WriteLine($"{counts.Sum()} deliveries to {readers} readers");
        Assert.All(counts, count => Assert.Equal(expected.Count, count));
    }

    private async Task JoinAsync(int joins)
    {
        var log = await store.OpenAsync();
        var expected = new ConcurrentDictionary<(int Partition, long Position), Guid>();
        using var ending = new CancellationTokenSource();
        var writing = WriteAsync([log], int.MaxValue, expected, throttle: true, ending.Token);

        await Parallel.ForEachAsync(Enumerable.Range(0, joins), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (join, _) =>
        {
            // From the head of a moment ago, or a little before it: reads some, catches up, lives a while, and leaves.
            var random = new Random(join);
            var positions = log.Heads.Snapshot().Where(head => log.Partitions.Records.Contains(head.Key)).ToDictionary(head => head.Key, head => Math.Max(0, head.Value - random.Next(200)));
            var live = random.Next(1, 5);
            await foreach (var batch in log.SubscribeAsync(positions, new SubscriptionOptions { MaxEvents = random.Next(10, 500), IdleInterval = TimeSpan.FromMilliseconds(200) }, CancellationToken.None))
            {
                Check(batch, positions, expected);
                live -= batch.CaughtUp ? 1 : 0;
                if (live is 0)
                {
                    break;
                }
            }
        });
        await ending.CancelAsync();
        await writing;

        output.WriteLine($"{joins} joins while {expected.Count} events were stored");
        Assert.True(expected.Count > joins);
    }

    /// <summary>Ordered, unique, atomic, reliable, bookmarkable: each slice continues where the last ended and holds exactly what was stored there.</summary>
    private static int Check(SubscriptionBatch batch, Dictionary<int, long> positions, ConcurrentDictionary<(int Partition, long Position), Guid> expected)
    {
        var delivered = 0;
        foreach (var slice in batch.Slices)
        {
            Assert.Equal(positions[slice.Partition], slice.After);
            Assert.Equal(slice.Through - slice.After, slice.Events.Count);
            foreach (var e in slice.Events)
            {
                Assert.Equal(++positions[slice.Partition], e.Position);
                Assert.True(!expected.TryGetValue((slice.Partition, e.Position), out var stream) || stream == e.StreamId);
                delivered++;
            }
        }

        Assert.All(batch.Positions, position => Assert.Equal(positions[position.Key], position.Value));
        return delivered;
    }

    private static async Task WriteAsync(
        EventLog[] nodes, int events, ConcurrentDictionary<(int Partition, long Position), Guid> expected, bool throttle, CancellationToken ending = default)
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
                foreach (var (unit, stored) in units.Zip(result.Units))
                {
                    for (var i = 0; i < unit.Events.Count; i++)
                    {
                        expected[(stored.Partition, stored.FirstPosition + i)] = unit.Events[i].StreamId;
                    }
                }

                written += streams.Count;
                if (throttle)
                {
                    await Task.Delay(10, CancellationToken.None);
                }
            }
        })));
    }

    private static async Task<List<(
        int Partition, long Position)>> CollectAsync(EventLog log, Dictionary<int, long> after, int count, CancellationToken cancellationToken)
    {
        var collected = new List<(int Partition, long Position)>();
        await foreach (var batch in log.SubscribeAsync(after, new SubscriptionOptions(), cancellationToken))
        {
            collected.AddRange(batch.Slices.SelectMany(slice => slice.Events).Select(e => (e.Partition, e.Position)));
            if (collected.Count >= count)
            {
                break;
            }
        }

        return collected;
    }
}
