using System.Collections.Concurrent;
using Exchange.EventStore.Appending;
using static Exchange.EventStore.Tests.Appends;

namespace Exchange.EventStore.Tests.Appending;

/// <summary>What happens to appends when there is too much, too little space, no time, or no database.</summary>
public sealed class PressureTests : IAsyncLifetime
{
    private TestStore store = null!;

    public async ValueTask InitializeAsync() => store = await TestStore.CreateAsync("pressure");

    public ValueTask DisposeAsync() => store.DisposeAsync();

    [Fact]
    public async Task A_full_queue_refuses_and_loses_nothing_it_took()
    {
        var log = await store.OpenAsync(options => options with { Appenders = 1, MaxQueuedEvents = 100 });
        var partition = log.Partitions.Records[0];
        var held = await store.HoldAsync(partition);
        var first = log.AppendAsync(Unit(partition, Event(Guid.NewGuid())));
        await store.UntilBlockedAsync();

        var appends = Enumerable.Range(0, 500).Select(_ => log.AppendAsync(Unit(partition, Event(Guid.NewGuid())))).Prepend(first).ToList();
        var refusedAtOnce = appends.Count(append => append.IsCompleted);
        await held.DisposeAsync();
        var results = await Task.WhenAll(appends);

        var refused = results.Where(result => result.Refusal is not null).ToList();
        Assert.Equal(400, refusedAtOnce);
        Assert.Equal(400, refused.Count);
        Assert.All(refused, result => Assert.Equal(AppendRefusalReason.Overloaded, result.Refusal!.Reason));
        Assert.All(refused, result => Assert.NotNull(result.Refusal!.RetryAfter));
        Assert.Equal(results.Length - refused.Count, await store.ScalarAsync<long>("SELECT count(*) FROM log.event"));
    }

    [Fact]
    public async Task Too_little_disk_space_refuses_appends_and_not_reads_until_there_is_room_again()
    {
        var disk = new Disk();
        var log = await store.OpenAsync(options => options with { DiskSpace = disk, MinimumFreeBytes = 1000 });
        var stream = Guid.NewGuid();
        var partition = log.Partitions.ForRecord(stream);
        await log.AppendAsync(Unit(partition, Event(stream)));

        disk.Free = 999;
        var refused = await UntilAsync(() => log.AppendAsync(Unit(partition, Event(stream))), result => result.Refusal is not null);
        var read = await log.Reader.ReadStreamAsync(partition, stream, 0, CancellationToken.None).CountAsync();
        disk.Free = 1000;
        var accepted = await UntilAsync(() => log.AppendAsync(Unit(partition, Event(stream))), result => result.Refusal is null);

        Assert.Equal(AppendRefusalReason.DiskNearlyFull, refused.Refusal?.Reason);
        Assert.InRange(read, 1, int.MaxValue);
        Assert.Null(accepted.Refusal);
    }

    [Fact]
    public async Task A_disk_that_is_full_before_anybody_saw_it_refuses_appends_and_not_reads_until_there_is_room_again()
    {
        // The database's own error, as it comes when a table cannot grow.
        var log = await store.OpenAsync();
        var stream = Guid.NewGuid();
        var partition = log.Partitions.ForRecord(stream);
        await log.AppendAsync(Unit(partition, Event(stream)));
        await store.ExecuteAsync(
            """
            CREATE FUNCTION fill_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$;
            CREATE TRIGGER fill_disk BEFORE INSERT ON log.event FOR EACH ROW EXECUTE FUNCTION fill_disk();
            """);

        var refused = await log.AppendAsync(Key("full"), Unit(partition, Event(stream)));
        var read = await log.Reader.ReadStreamAsync(partition, stream, 0, CancellationToken.None).CountAsync();
        var head = (await log.Reader.ReadHeadsAsync([partition], CancellationToken.None))[partition];
        await store.ExecuteAsync("DROP TRIGGER fill_disk ON log.event");
        var accepted = await log.AppendAsync(Key("full"), Unit(partition, Event(stream)));

        Assert.Equal(AppendRefusalReason.DiskNearlyFull, refused.Refusal?.Reason);
        Assert.InRange(refused.Refusal?.RetryAfter ?? TimeSpan.Zero, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(5));
        Assert.Equal((1, 1L), (read, head));
        Assert.Null(accepted.Refusal);
        Assert.False(accepted.IsReplay);
        Assert.Equal(2L, accepted.Units[0].LastPosition);
    }

    [Fact]
    public async Task Audit_alone_goes_on_a_while_longer_because_without_it_nobody_may_read()
    {
        var disk = new Disk();
        var log = await store.OpenAsync(options => options with { DiskSpace = disk, MinimumFreeBytes = 1000, MinimumFreeAuditBytes = 100 });
        var stream = Guid.NewGuid();
        var (record, audit) = (Unit(log.Partitions.ForRecord(stream), Event(stream)), Unit(log.Partitions.ForAudit(stream), Event(stream)));
        var governance = Unit(log.Partitions.Governance, Event(stream));

        disk.Free = 100;
        var refused = await UntilAsync(() => log.AppendAsync(record), result => result.Refusal is not null);
        var refusedGovernance = await log.AppendAsync(governance);
        var refusedBoth = await log.AppendAsync(new AppendSubmission { Units = [record, audit] }, CancellationToken.None);
        var accepted = await log.AppendAsync(audit);
        disk.Free = 99;
        var refusedAudit = await UntilAsync(() => log.AppendAsync(audit), result => result.Refusal is not null);

        Assert.All(
            [refused, refusedGovernance, refusedBoth, refusedAudit],
            result => Assert.Equal(AppendRefusalReason.DiskNearlyFull, result.Refusal?.Reason));
        Assert.Null(accepted.Refusal);
    }

    [Fact]
    public async Task A_cancelled_append_is_stored_once_or_never()
    {
        // Reliability A8: 5,000 calls, cancelled at every moment of an append.
        var log = await store.OpenAsync();
        var outcomes = new ConcurrentBag<(Guid Stream, string Key, bool IsAcknowledged)>();
        await Parallel.ForEachAsync(Enumerable.Range(0, 5_000), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
        {
            var stream = Guid.NewGuid();
            using var deadline = new CancellationTokenSource(TimeSpan.FromMicroseconds(i % 300 * 20));
            try
            {
                var result = await log.AppendAsync(new AppendSubmission { Units = [Unit(log.Partitions.ForRecord(stream), Event(stream))], Key = Key($"a8-{i}") }, deadline.Token);
                outcomes.Add((stream, $"a8-{i}", result.Refusal is null));
            }
            catch (OperationCanceledException)
            {
                outcomes.Add((stream, $"a8-{i}", false));
            }
        });

        // Repeats tell what became of the unknown ones, and store the others.
        foreach (var (stream, key, _) in outcomes.Where(outcome => !outcome.IsAcknowledged))
        {
            await log.AppendAsync(Key(key), Unit(log.Partitions.ForRecord(stream), Event(stream)));
        }

        Assert.Contains(outcomes, outcome => outcome.IsAcknowledged);
        Assert.Contains(outcomes, outcome => !outcome.IsAcknowledged);
        Assert.Equal(5_000L, await store.ScalarAsync<long>("SELECT count(*) FROM log.event"));
        Assert.Equal(5_000L, await store.ScalarAsync<long>("SELECT count(DISTINCT stream_id) FROM log.event"));
    }

    [Fact]
    public async Task A_node_that_stops_commits_what_it_took_and_refuses_the_rest()
    {
        var log = await store.OpenAsync();
        var appends = Enumerable.Range(0, 200).Select(_ => log.AppendAsync(Unit(log.Partitions.Records[0], Event(Guid.NewGuid())))).ToList();

        await log.DisposeAsync();
        var results = await Task.WhenAll(appends);
        var late = await log.AppendAsync(Unit(log.Partitions.Records[0], Event(Guid.NewGuid())));

        Assert.All(results, result => Assert.Null(result.Refusal));
        Assert.Equal(AppendRefusalReason.Closed, late.Refusal?.Reason);
    }

    [Fact]
    public async Task A_lock_held_too_long_refuses_as_unavailable_and_stores_nothing()
    {
        var log = await store.OpenAsync(options => options with { LockTimeout = TimeSpan.FromMilliseconds(100), RetryFor = TimeSpan.FromMilliseconds(400) });
        await using var held = await store.HoldAsync(log.Partitions.Records[0]);

        var refused = await log.AppendAsync(Unit(log.Partitions.Records[0], Event(Guid.NewGuid())));

        Assert.Equal(AppendRefusalReason.Unavailable, refused.Refusal?.Reason);
        Assert.Equal(0L, await store.ScalarAsync<long>("SELECT count(*) FROM log.event"));
    }

    [Fact]
    public async Task A_held_partition_stops_its_own_appends_only()
    {
        var log = await store.OpenAsync(options => options with
        {
            Appenders = 1, LockTimeout = TimeSpan.FromMilliseconds(100), RetryFor = TimeSpan.FromMilliseconds(600),
        });
        var (stuck, free) = (log.Partitions.Records[0], log.Partitions.Records[2]);
        await using var held = await store.HoldAsync(stuck);
        var first = log.AppendAsync(Unit(stuck, Event(Guid.NewGuid())));
        await store.UntilBlockedAsync();

        // These three are committed together, once the first was given up.
        var behind = log.AppendAsync(Unit(stuck, Event(Guid.NewGuid())));
        var both = log.AppendAsync(Unit(stuck, Event(Guid.NewGuid())), Unit(log.Partitions.Records[1], Event(Guid.NewGuid())));
        var beside = log.AppendAsync(Unit(free, Event(Guid.NewGuid())));

        Assert.Null((await beside).Refusal);
        foreach (var waited in new[] { first, behind, both })
        {
            Assert.Equal(AppendRefusalReason.Unavailable, (await waited).Refusal?.Reason);
        }

        Assert.Equal(1L, await store.ScalarAsync<long>("SELECT count(*) FROM log.event"));
    }

    [Fact]
    public async Task What_holds_partitions_of_one_kind_stops_no_other()
    {
        var log = await store.OpenAsync(options => options with { Appenders = 1, LockTimeout = TimeSpan.FromMinutes(1), StatementTimeout = TimeSpan.FromMinutes(1) });
        int[] kinds = [log.Partitions.Records[0], log.Partitions.Governance, log.Partitions.Audits[0]];
        foreach (var stuck in kinds)
        {
            await using var held = await store.HoldAsync(stuck);
            var waiting = log.AppendAsync(Unit(stuck, Event(Guid.NewGuid())));
            await store.UntilBlockedAsync();

            foreach (var free in kinds.Where(kind => kind != stuck))
            {
                Assert.Null((await log.AppendAsync(Keyed(free), CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30))).Refusal);
            }

            Assert.False(waiting.IsCompleted);
            await held.DisposeAsync();
            Assert.Null((await waiting.WaitAsync(TimeSpan.FromSeconds(30))).Refusal);
        }

        // As a governance command: with a key of its own that its partition keeps.
        static AppendSubmission Keyed(int partition) => new()
        {
            Units = [Unit(partition, Event(Guid.NewGuid()))], Key = new IdempotencyKey("tax-client", Guid.NewGuid().ToString(), new byte[1]), KeyPartition = partition,
        };
    }

    [Fact]
    public async Task A_node_that_falls_silent_while_it_holds_locks_does_not_stop_others()
    {
        using var silence = new ManualResetEventSlim();
        var locked = new TaskCompletionSource();
        var silent = await store.OpenAsync(options => options with { Appenders = 1, IdleInTransactionTimeout = TimeSpan.FromMilliseconds(300) });
        var other = await store.OpenAsync();
        var (stuck, free) = (Guid.NewGuid(), Guid.NewGuid());
        var partition = other.Partitions.Records[0];

        var held = silent.AppendAsync(new ScriptedUnit(partition, stuck)
        {
            Caller = "tax",
            Client = "tax-client",
            Decision = context =>
            {
                locked.TrySetResult();
                silence.Wait(TimeSpan.FromSeconds(30));
                context.Append(stuck, "thing-happened", Bytes("late"));
            },
        });
        await locked.Task.WaitAsync(TimeSpan.FromSeconds(30));
        var passed = await other.AppendAsync(Unit(partition, Event(free)));
        silence.Set();
        var late = await held;

        // The silent node lost its locks, and began anew behind the other.
        Assert.Null(passed.Refusal);
        Assert.Null(late.Refusal);
        Assert.Equal([1L, 2L], [passed.Units[0].FirstPosition, late.Units[0].FirstPosition]);
    }

    [Fact]
    public async Task Clock_jumps_change_times_only_forward_and_positions_never()
    {
        var clock = new SettableTime(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero).AddTicks(7));
        var log = await store.OpenAsync(time: clock);
        var stream = Guid.NewGuid();
        var partition = log.Partitions.ForRecord(stream);
        var start = clock.Now;
        foreach (var jump in new[] { 0, 3600, -3600, -86_400, 60, -1, 86_400, 0 })
        {
            clock.Now = start.AddSeconds(jump);
            await log.AppendAsync(Unit(partition, Event(stream)));
        }

        var events = await log.Reader.ReadStreamAsync(partition, stream, 0, CancellationToken.None).ToListAsync();

        Assert.Equal(Enumerable.Range(1, 8).Select(i => (long)i), events.Select(e => e.Position));
        Assert.Equal([0, 3600, 3600, 3600, 3600, 3600, 86_400, 86_400], events.Select(e => Math.Round((e.RecordedAt - start).TotalSeconds)));
        Assert.All(events, e => Assert.Equal(0, e.RecordedAt.Ticks % TimeSpan.TicksPerMicrosecond));
    }

    private static async Task<AppendResult> UntilAsync(Func<Task<AppendResult>> append, Predicate<AppendResult> isDone)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            deadline.Token.ThrowIfCancellationRequested();
            if (await append() is var result && isDone(result))
            {
                return result;
            }
        }
    }

    private sealed class Disk : IDiskSpace
    {
        public long Free { get; set; } = long.MaxValue;

        public long? FreeBytes() => Free;
    }
}
