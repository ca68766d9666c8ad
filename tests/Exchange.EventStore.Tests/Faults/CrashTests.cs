using System.Collections.Concurrent;
using Exchange.EventStore.Appending;
using Exchange.EventStore.Embedded;
using Exchange.Testing;
using static Exchange.EventStore.Tests.Appends;

namespace Exchange.EventStore.Tests.Faults;

/// <summary>Reliability A1 and B6: the database is killed again and again under writers.</summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    private const int EventsPerUnit = 3;
    private const string Places = "SELECT string_agg(concat(partition, '/', position, '/', stream_id), ' ') FROM log.event";

    [Fact]
    public Task No_acknowledged_write_is_lost_in_15_kills() => KillAsync(15);

    [Fact]
    [Trait("Stage", "Full")]
    public Task No_acknowledged_write_is_lost_in_100_kills() => KillAsync(100);

    [Fact]
    public async Task The_control_that_acknowledges_too_early_loses()
    {
        // Without waiting, the last page of the database's log (a few writes) is still in memory; it goes with the processes. Now and then
        // that page is empty, so it may take more than one kill.
        await using var server = await OwnServer.StartAsync(new Dictionary<string, string> { ["wal_writer_delay"] = "10s", ["synchronous_commit"] = "off" });
        await using var store = await TestStore.OnAsync(await server.Postgres.CreateDatabaseAsync("crash", CancellationToken.None));
        var log = await store.OpenAsync(options => options with { IsUnsafe = true });
        var (lost, acknowledged) = (0, 0);
        for (var kill = 0; kill < 10 && lost is 0; kill++)
        {
            var writers = new Writers(log, 4);
            await writers.UntilAcknowledgedAsync(200);
            await server.Postgres.KillAsync(CancellationToken.None);
            await server.Postgres.RestartAsync(CancellationToken.None);
            var written = await writers.StopAsync();
            (lost, acknowledged) = (await CountLostAsync(store, written), acknowledged + written.Count);
        }

        output.WriteLine($"{acknowledged} acknowledged, {lost} lost");
        Assert.NotEqual(0, lost);
    }

    [Fact]
    public async Task The_control_that_stores_a_record_in_two_transactions_is_found_half_written()
    {
        await using var server = await OwnServer.StartAsync(new Dictionary<string, string>());
        await using var store = await TestStore.OnAsync(await server.Postgres.CreateDatabaseAsync("crash", CancellationToken.None));
        var log = await store.OpenAsync(options => options with { RetryFor = TimeSpan.FromMilliseconds(200) });
        var half = 0L;
        for (var kill = 0; kill < 10 && half is 0; kill++)
        {
            var (acknowledged, isStopping) = (0, false);
            var writing = Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
            {
                while (!Volatile.Read(ref isStopping))
                {
                    var stream = Guid.NewGuid();
                    try
                    {
                        var first = await log.AppendAsync(Unit(log.Partitions.ForRecord(stream), Event(stream)));
                        if (first.Refusal is null)
                        {
                            await log.AppendAsync(Unit(log.Partitions.ForRecord(stream), Event(stream), Event(stream)));
                        }

                        Interlocked.Increment(ref acknowledged);
                    }
                    catch (AppendInDoubtException)
                    {
                        // Unknown; goes on with another record.
                    }
                }
            })));
            using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            while (Volatile.Read(ref acknowledged) < 50)
            {
                await Task.Delay(1, deadline.Token);
            }

            await server.Postgres.KillAsync(CancellationToken.None);
            Volatile.Write(ref isStopping, true);
            await writing;
            await server.Postgres.RestartAsync(CancellationToken.None);
            store.Database.Clear();
            half = await CountHalfWrittenAsync(store);
        }

        output.WriteLine($"{half} records are half-written");
        Assert.InRange(half, 1, long.MaxValue);
    }

    [Fact]
    public async Task A_batch_that_a_kill_leaves_partly_stored_is_completed_by_its_repeat()
    {
        await using var server = await OwnServer.StartAsync(new Dictionary<string, string>());
        await using var store = await TestStore.OnAsync(await server.Postgres.CreateDatabaseAsync("partly", CancellationToken.None));
        var log = await store.OpenAsync(options => options with { OnePartitionPerTransaction = true, Appenders = 4, LockTimeout = TimeSpan.FromMinutes(1), StatementTimeout = TimeSpan.FromMinutes(1), RetryFor = TimeSpan.FromMilliseconds(200) });
        var units = Enumerable.Range(0, 40).Select(_ => Guid.NewGuid()).GroupBy(log.Partitions.ForRecord)
            .Select(group => Unit(group.Key, [.. group.SelectMany(stream => Enumerable.Range(0, EventsPerUnit).Select(_ => Event(stream)))])).ToList();
        var heldPartition = units.Last(unit => unit.Partition != log.Partitions.ForKey("tax-client", "partly")).Partition;
        var held = await store.HoldAsync(heldPartition);

        // Some appenders store their share, the one that meets the held partition waits: then the server dies.
        var append = Task.Run(() => log.AppendAsync(Key("partly"), units));
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await store.ScalarAsync<long>("SELECT count(*) FROM log.event") is 0)
        {
            deadline.Token.ThrowIfCancellationRequested();
        }

        await store.UntilBlockedAsync();
        await server.Postgres.KillAsync(CancellationToken.None);
        var broken = await Record.ExceptionAsync(async () => Assert.Equal(AppendRefusalReason.Unavailable, (await append).Refusal?.Reason));

        // Its lock went with the server; there is nothing left to give back.
        await Record.ExceptionAsync(() => held.Connection.DisposeAsync().AsTask());
        await server.Postgres.RestartAsync(CancellationToken.None);
        store.Database.Clear();
        var (partly, half) = (await store.ScalarAsync<long>("SELECT count(*) FROM log.event"), await CountHalfWrittenAsync(store));
        var before = await store.ScalarAsync<string>(Places);

        var completed = await log.AppendAsync(Key("partly"), units);
        var again = await log.AppendAsync(Key("partly"), units);

        output.WriteLine($"{partly} of {40 * EventsPerUnit} events were stored");
        Assert.True(broken is null or AppendInDoubtException, broken?.ToString());
        Assert.InRange(partly, 1, (40 * EventsPerUnit) - 1);
        Assert.Equal(0L, half);
        Assert.Null(completed.Refusal);
        Assert.True(again.IsReplay);
        Assert.Equal(completed.Units.Select(unit => (unit.Partition, unit.FirstPosition, unit.RecordedAt)), again.Units.Select(unit => (unit.Partition, unit.FirstPosition, unit.RecordedAt)));
        Assert.Equal(40L * EventsPerUnit, await store.ScalarAsync<long>("SELECT count(*) FROM log.event"));
        Assert.Equal(0L, await CountHalfWrittenAsync(store));
        Assert.Subset((await store.ScalarAsync<string>(Places)).Split(' ').ToHashSet(), before.Split(' ').ToHashSet());
    }

    private async Task KillAsync(int cycles)
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        await using var server = await OwnServer.StartAsync(new Dictionary<string, string>());
        await using var store = await TestStore.OnAsync(await server.Postgres.CreateDatabaseAsync("crash", CancellationToken.None));
        var log = await store.OpenAsync(options => options with { RetryFor = TimeSpan.FromMinutes(1) });
        var writers = new Writers(log, 8);
        for (var cycle = 0; cycle < cycles; cycle++)
        {
            // The pause is the fault's own randomness: a kill hits reads, decisions, writes and commits alike.
            await writers.UntilAcknowledgedAsync(writers.Acknowledged + 20);
            await Task.Delay(random.Next(50, 350));
            await server.Postgres.KillAsync(CancellationToken.None);
            await server.Postgres.RestartAsync(CancellationToken.None);

            // A record's events are stored whole: at once, not only after repeats.
            store.Database.Clear();
            Assert.Equal(0L, await CountHalfWrittenAsync(store));
        }

        var written = await writers.StopAsync();
        var unknown = written.Where(write => write.Result is null).ToList();
        foreach (var write in unknown)
        {
            write.Result = await log.AppendAsync(write.Key, write.Unit);
        }

        output.WriteLine($"seed {seed}: {written.Count} writes over {cycles} kills, {unknown.Count} unknown until repeated");
        Assert.All(written, write => Assert.Null(write.Result!.Refusal));
        Assert.Equal(0, await CountLostAsync(store, written));
        Assert.Equal(written.Count * (long)EventsPerUnit, await store.ScalarAsync<long>("SELECT count(*) FROM log.event"));

        Assert.Equal(0L, await CountHalfWrittenAsync(store));
        Assert.Equal(0L, await store.ScalarAsync<long>("""
            SELECT count(*) FROM log.log_partition AS h
            WHERE h.head <> (SELECT count(*) FROM log.event AS e WHERE e.partition = h.partition) OR h.head <> coalesce((SELECT max(position) FROM log.event AS e WHERE e.partition = h.partition), 0)
            """));
        Assert.True(writers.Acknowledged > cycles * 20);
    }

    /// <summary>Records whose events are not all there, in order.</summary>
    private static Task<long> CountHalfWrittenAsync(TestStore store) =>
        store.ScalarAsync<long>($"SELECT count(*) FROM (SELECT FROM log.event GROUP BY stream_id HAVING count(*) <> {EventsPerUnit} OR max(version) <> {EventsPerUnit}) AS s");

    private static async Task<int> CountLostAsync(TestStore store, IReadOnlyCollection<Write> written)
    {
        // Connections of before a kill may be in the pool.
        store.Database.Clear();
        var stored = new HashSet<(int, long, Guid)>();
        await using var command = store.Database.CreateCommand("SELECT partition, position, stream_id FROM log.event WHERE version = 1");
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            stored.Add((reader.GetInt32(0), reader.GetInt64(1), reader.GetGuid(2)));
        }

        return written.Count(write => write.Result is { Refusal: null } result && !stored.Contains((result.Units[0].Partition, result.Units[0].FirstPosition, write.Stream)));
    }

    private sealed class Write(Guid stream, IdempotencyKey key, EventUnit unit)
    {
        public Guid Stream => stream;

        public IdempotencyKey Key => key;

        public EventUnit Unit => unit;

        /// <summary>Null: unknown.</summary>
        public AppendResult? Result { get; set; }
    }

    private sealed class Writers
    {
        private readonly ConcurrentBag<Write> written = [];
        private readonly Task running;
        private int acknowledged;
        private volatile bool isStopping;

        public Writers(EventLog log, int count) => running = Task.WhenAll(Enumerable.Range(0, count).Select(_ => Task.Run(async () =>
        {
            while (!isStopping)
            {
                var stream = Guid.NewGuid();
                var unit = Unit(log.Partitions.ForRecord(stream), [.. Enumerable.Range(0, EventsPerUnit).Select(i => Event(stream, $"{i}"))]);
                var write = new Write(stream, Key(stream.ToString()), unit);
                written.Add(write);
                try
                {
                    write.Result = await log.AppendAsync(write.Key, unit);
                    Interlocked.Increment(ref acknowledged);
                }
                catch (AppendInDoubtException)
                {
                    // Unknown: the judgement comes after.
                }
            }
        })));

        public int Acknowledged => Volatile.Read(ref acknowledged);

        public async Task UntilAcknowledgedAsync(int count)
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            while (Acknowledged < count)
            {
                await Task.Delay(5, deadline.Token);
            }
        }

        public async Task<IReadOnlyCollection<Write>> StopAsync()
        {
            isStopping = true;
            await running;
            return written;
        }
    }
}
