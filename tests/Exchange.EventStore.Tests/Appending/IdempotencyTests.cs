using Exchange.EventStore.Appending;
using Exchange.EventStore.Committing;
using Exchange.EventStore.Tests.Faults;
using Microsoft.Extensions.Logging.Abstractions;
using static Exchange.EventStore.Tests.Appends;

namespace Exchange.EventStore.Tests.Appending;

/// <summary>Reliability B2 to B4, with one appender (key and units in one transaction), three (claim first) and one partition per transaction.</summary>
public sealed class IdempotencyTests : IAsyncLifetime
{
    private TestStore store = null!;

    public static TheoryData<int, bool> Layouts => new() { { 1, false }, { 3, false }, { 2, true } };

    public async ValueTask InitializeAsync() => store = await TestStore.CreateAsync("idempotency");

    public ValueTask DisposeAsync() => store.DisposeAsync();

    [Theory]
    [MemberData(nameof(Layouts))]
    public async Task The_same_request_has_one_effect_and_one_answer(int appenders, bool onePartition)
    {
        var log = await OpenAsync(appenders, onePartition);
        var streams = Enumerable.Range(0, 40).Select(_ => Guid.NewGuid()).ToList();

        // The outcomes differ from call to call: what comes back is what was stored.
        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => log.AppendAsync(Key("same"), Units(log, streams))));

        Assert.All(results, result => Assert.Null(result.Refusal));
        Assert.Single(results.Select(Describe).Distinct());
        Assert.Single(results, result => !result.IsReplay);
        Assert.Equal(40L, await store.ScalarAsync<long>("SELECT count(*) FROM log.event WHERE stream_id = ANY ($1)", streams.ToArray()));
    }

    [Fact]
    public async Task One_unit_needs_no_claim_whichever_appenders_partitions_keep_it_and_its_key()
    {
        var log = await OpenAsync(appenders: 3, onePartition: false);

        await Task.WhenAll(Enumerable.Range(0, 60).Select(number => log.AppendAsync(Key($"lone-{number}"), Units(log, [Guid.NewGuid()]))));

        Assert.Equal(60L, await store.ScalarAsync<long>("SELECT count(*) FROM log.idempotency"));
    }

    // B2 in its size; one partition per transaction takes eight times as long, and is called in that size in the full run.
    [Theory]
    [InlineData(1, false, 2_000)]
    [InlineData(3, false, 2_000)]
    [InlineData(2, true, 200)]
    public Task Keys_called_fifty_times_from_two_nodes_have_one_effect_each(int appenders, bool onePartition, int keys) =>
        ManyKeysAsync(appenders, onePartition, keys, calls: 50);

    [Fact]
    [Trait("Stage", "Full")]
    public Task Two_thousand_keys_called_fifty_times_one_partition_at_a_time_have_one_effect_each() => ManyKeysAsync(2, true, keys: 2_000, calls: 50);

    [Theory]
    [MemberData(nameof(Layouts))]
    public async Task The_same_key_with_another_request_is_refused_even_while_the_first_runs(int appenders, bool onePartition)
    {
        var log = await OpenAsync(appenders, onePartition);
        foreach (var round in Enumerable.Range(0, 20))
        {
            var (wanted, other) = (Guid.NewGuid(), Guid.NewGuid());

            // The second goes to another partition, where only the key's own row can tell.
            var first = log.AppendAsync(Key($"b3-{round}", "one"), Units(log, [wanted]));
            var second = await log.AppendAsync(Key($"b3-{round}", "two"), Units(log, [other]));

            Assert.Null((await first).Refusal);
            Assert.Equal(AppendRefusalReason.KeyReused, second.Refusal?.Reason);
            Assert.Equal(0L, await store.ScalarAsync<long>("SELECT count(*) FROM log.event WHERE stream_id = $1", other));
        }
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public async Task The_same_key_with_another_request_is_refused_though_the_first_cannot_end_yet(int appenders, bool onePartition)
    {
        var nodes = new[] { await OpenAsync(appenders, onePartition), await OpenAsync(appenders, onePartition) };
        foreach (var node in nodes)
        {
            var (wanted, other) = (Guid.NewGuid(), Guid.NewGuid());
            var heldPartition = node.Partitions.ForRecord(wanted);
            var key = Enumerable.Range(0, 100).Select(i => $"{wanted} {i}").First(name => node.Partitions.ForKey("tax-client", name) != heldPartition);
            var held = await store.HoldAsync(heldPartition);
            var first = nodes[0].AppendAsync(Key(key, "one"), Units(node, [wanted]));
            await store.UntilBlockedAsync();

            // On the node of the first, which holds it in its queues, and on another, which only the database can tell of it.
            var second = node.AppendAsync(Key(key, "two"), Units(node, [other]));
            if (onePartition && node == nodes[1])
            {
                // Nothing that the first still holds is in the second's way: it is answered meanwhile.
                await second.WaitAsync(TimeSpan.FromSeconds(20));
            }

            var wasRunning = !first.IsCompleted;
            await held.DisposeAsync();
            var (stored, refused) = (await first, await second);

            Assert.True(wasRunning);
            Assert.Null(stored.Refusal);
            Assert.Equal(AppendRefusalReason.KeyReused, refused.Refusal?.Reason);
            Assert.Equal(1L, await store.ScalarAsync<long>("SELECT count(*) FROM log.event WHERE stream_id = $1", wanted));
            Assert.Equal(0L, await store.ScalarAsync<long>("SELECT count(*) FROM log.event WHERE stream_id = $1", other));
        }
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public async Task A_key_of_another_client_is_another_key(int appenders, bool onePartition)
    {
        var log = await OpenAsync(appenders, onePartition);

        var ours = await log.AppendAsync(Key("b4", "ours", "client-a"), Units(log, [Guid.NewGuid()]));
        var theirs = await log.AppendAsync(Key("b4", "theirs", "client-b"), Units(log, [Guid.NewGuid()]));

        Assert.Null(ours.Refusal);
        Assert.Null(theirs.Refusal);
        Assert.False(theirs.IsReplay);
    }

    [Fact]
    public async Task An_answer_that_cannot_be_read_stops_its_own_client_only()
    {
        var log = await OpenAsync(appenders: 2, onePartition: true);
        Task<AppendResult> CallAsync(string client) =>
            log.AppendAsync(Key("spoilt", client: client), [.. log.Partitions.Records.Take(3).Select(partition => Unit(partition, Event(Guid.NewGuid())))]);
        await CallAsync("client-a");
        await store.ExecuteAsync("UPDATE log.idempotency SET answer = '\\xff' WHERE answer IS NOT NULL");

        var other = await CallAsync("client-b");

        Assert.Null(other.Refusal);
        Assert.False(other.IsReplay);
        await Assert.ThrowsAsync<InvalidDataException>(() => CallAsync("client-a"));
    }

    [Fact]
    public async Task A_request_over_several_appenders_takes_a_row_for_its_key_and_one_for_each()
    {
        var log = await OpenAsync(appenders: 3, onePartition: false);

        await log.AppendAsync(Key("spread"), Units(log, [.. Enumerable.Range(0, 200).Select(_ => Guid.NewGuid())]));

        Assert.Equal(1L + 3, await store.ScalarAsync<long>("SELECT count(*) FROM log.idempotency"));
    }

    // One partition per transaction keeps a row for each unit, as every program did once.
    [Theory]
    [InlineData(3, false, 1, false)]
    [InlineData(3, false, 2, false)]
    [InlineData(3, false, 2, true)]
    [InlineData(2, true, 1, false)]
    [InlineData(2, true, 3, false)]
    public async Task A_request_broken_off_between_appenders_is_completed_by_its_repeat(int appenders, bool onePartition, int laterAppenders, bool laterOnePartition)
    {
        var log = await OpenAsync(appenders, onePartition);
        var later = await OpenAsync(laterAppenders, laterOnePartition);
        var streams = Enumerable.Range(0, 40).Select(_ => Guid.NewGuid()).ToList();
        var isBroken = true;
        var units = Units(log, streams).ToList<AppendUnit>();
        var breaking = units.FindIndex(unit => unit.Partition != log.Partitions.ForKey("tax-client", "broken"));
        units[breaking] = new ScriptedUnit(units[breaking].Partition)
        {
            Caller = "tax",
            Client = "tax-client",
            Decision = context => _ = isBroken ? throw new InvalidDataException("planted") : context.Append(Guid.NewGuid(), 1, "thing-happened", Bytes("late")),
        };

        await Assert.ThrowsAsync<InvalidDataException>(() => log.AppendAsync(Key("broken"), units));
        var stored = await store.ScalarAsync<long>("SELECT count(*) FROM log.event");
        isBroken = false;

        // Completed by a node with other appenders, then asked again on both.
        var completed = await later.AppendAsync(Key("broken"), units);
        var again = await log.AppendAsync(Key("broken"), units);
        var other = await later.AppendAsync(Key("broken", "other content"), units);

        Assert.InRange(stored, 1, 39);
        Assert.Null(completed.Refusal);
        Assert.Equal(Describe(completed), Describe(again));
        Assert.True(again.IsReplay);
        Assert.Equal(AppendRefusalReason.KeyReused, other.Refusal?.Reason);
        var untouched = streams.Count - units.OfType<EventUnit>().Sum(unit => unit.Events.Count);
        Assert.Equal(streams.Count - untouched + 1L, await store.ScalarAsync<long>("SELECT count(*) FROM log.event"));
    }

    // The option is changed node by node: a repeat overtakes the first call, which has its key but waits for another's lock before it comes to a unit.
    [Theory]
    [InlineData(false, 3, true)]
    [InlineData(false, 1, false)]
    [InlineData(false, 3, false)]
    [InlineData(true, 3, false)]
    [InlineData(true, 1, false)]
    [InlineData(true, 3, true)]
    public async Task A_repeat_that_overtakes_the_first_call_on_a_node_of_another_form_leaves_it_nothing_to_store(bool onePartition, int laterAppenders, bool laterOnePartition)
    {
        var (first, later) = (await OpenAsync(2, onePartition), await OpenAsync(laterAppenders, laterOnePartition));
        var records = first.Partitions.Records;

        // Even slots are the first appender's, odd ones the second's.
        var (quick, late, held) = (records[0], records[1], records[3]);
        var key = Enumerable.Range(0, 1_000).Select(number => $"overtaken-{number}").First(name => first.Partitions.ForKey("tax-client", name) == records[2]);
        var (quickStream, lateStream) = (Guid.NewGuid(), Guid.NewGuid());
        AppendUnit[] Overtaken() => [Unit(quick, Event(quickStream)), Unit(late, Event(lateStream))];

        var lockOfHeld = await store.HoldAsync(held);
        var before = first.AppendAsync(Unit(held, Event(Guid.NewGuid())));
        await store.UntilBlockedAsync();
        var called = first.AppendAsync(Key(key), Overtaken());
        await store.UntilAsync("SELECT EXISTS (SELECT FROM log.event WHERE stream_id = $1)", quickStream);
        var repeated = await later.AppendAsync(Key(key), Overtaken());
        var wasRunning = !called.IsCompleted;
        await lockOfHeld.DisposeAsync();
        var answered = await called;
        await before;
        var again = await Task.WhenAll(first.AppendAsync(Key(key), Overtaken()), later.AppendAsync(Key(key), Overtaken()));

        Assert.True(wasRunning);
        Assert.Equal(2L, await store.ScalarAsync<long>("SELECT count(*) FROM log.event WHERE stream_id = ANY ($1)", new[] { quickStream, lateStream }));
        Assert.All([answered, .. again], answer => Assert.Equal(Describe(repeated), Describe(answer)));
    }

    [Fact]
    public async Task Answers_are_kept_400_days_and_then_dropped_by_range()
    {
        var clock = new SettableTime(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
        var log = await store.OpenAsync(options => options with { Appenders = 1 }, clock);
        var first = await log.AppendAsync(Key("old"), Units(log, [Guid.NewGuid()]));
        var ranges = new IdempotencyRanges(store.Database, NullLogger.Instance);

        // No upkeep ran for a year: the append itself makes the missing ranges.
        clock.Now = clock.Now.AddDays(399);
        var filler = await log.AppendAsync(Key("filler"), Units(log, [Guid.NewGuid()]));
        await ranges.DropExpiredAsync(clock.Now, CancellationToken.None);
        var kept = await log.AppendAsync(Key("old"), Units(log, [Guid.NewGuid()]));
        clock.Now = clock.Now.AddDays(102);
        var dropped = await ranges.DropExpiredAsync(clock.Now, CancellationToken.None);
        var forgotten = await log.AppendAsync(Key("old"), Units(log, [Guid.NewGuid()]));

        Assert.Null(filler.Refusal);
        Assert.Equal(Describe(first), Describe(kept));
        Assert.True(dropped > 0);
        Assert.False(forgotten.IsReplay);
    }

    [Fact]
    public async Task The_control_that_calls_without_a_key_has_more_than_one_effect()
    {
        var (differing, stored) = await CallAsync(3, false, keys: 20, calls: 10, hasKey: false);

        Assert.Equal(20, differing);
        Assert.InRange(stored, 20 * 10 * 3, long.MaxValue);
    }

    private static async Task ManyKeysAsync(int appenders, bool onePartition, int keys, int calls) =>
        Assert.Equal((0, keys * 3L), await CallAsync(appenders, onePartition, keys, calls, hasKey: true));

    /// <summary>
    /// Calls on two nodes while the server is killed, and calls once more what stayed unknown. How many keys had answers that differ, and how many
    /// events are stored: three are asked for by key.
    /// </summary>
    private static async Task<(int Differing, long Stored)> CallAsync(int appenders, bool onePartition, int keys, int calls, bool hasKey)
    {
        await using var server = await OwnServer.StartAsync(new Dictionary<string, string>());
        await using var store = await TestStore.OnAsync(await server.Postgres.CreateDatabaseAsync("keys", CancellationToken.None));
        var nodes = new[] { await OpenAsync(store, appenders, onePartition), await OpenAsync(store, appenders, onePartition) };
        var effects = Enumerable.Range(0, keys).Select(_ => Enumerable.Range(0, 3).Select(_ => Guid.NewGuid()).ToList()).ToList();
        var answered = 0;

        var calling = Task.WhenAll(
            from call in Enumerable.Range(0, calls)
            from key in Enumerable.Range(0, keys)
            select AppendAsync(nodes[(call + key) % 2], key));
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (Volatile.Read(ref answered) is 0)
        {
            await Task.Delay(1, deadline.Token);
        }

        var answeredBefore = Volatile.Read(ref answered);
        await server.Postgres.KillAsync(CancellationToken.None);
        await server.Postgres.RestartAsync(CancellationToken.None);
        var results = await calling;

        Assert.InRange(answeredBefore, 1, (keys * calls) - 1);
        var differing = results.GroupBy(result => result.Key).Count(answers => answers.Select(answer => answer.Text).Distinct().Count() > 1);
        var stored = await store.ScalarAsync<long>("SELECT count(*) FROM log.event WHERE stream_id = ANY ($1)", effects.SelectMany(key => key).ToArray());
        return (differing, stored);

        async Task<(int Key, string Text)> AppendAsync(EventLog log, int key)
        {
            var submission = new AppendSubmission { Units = Units(log, effects[key]), Key = hasKey ? Key($"many-{key}") : null };
            while (true)
            {
                try
                {
                    var result = await log.AppendAsync(submission, CancellationToken.None);
                    Assert.Null(result.Refusal);
                    Interlocked.Increment(ref answered);
                    return (key, Describe(result));
                }
                catch (AppendInDoubtException)
                {
                    // Unknown: the repeat tells.
                }
            }
        }
    }

    private Task<EventLog> OpenAsync(int appenders, bool onePartition) => OpenAsync(store, appenders, onePartition);

    private static Task<EventLog> OpenAsync(TestStore store, int appenders, bool onePartition) =>
        store.OpenAsync(options => options with { Appenders = appenders, OnePartitionPerTransaction = onePartition, MaxQueuedEvents = int.MaxValue, RetryFor = TimeSpan.FromMinutes(2) });

    private static AppendUnit[] Units(EventLog log, IEnumerable<Guid> streams) =>
        [.. streams.GroupBy(log.Partitions.ForRecord).Select(group => Unit(group.Key, [.. group.Select(stream => Event(stream))]))];

    private static string Describe(AppendResult result) =>
        string.Join("; ", result.Units.Select(unit => $"{unit.Partition} {unit.FirstPosition}-{unit.LastPosition} {unit.RecordedAt:O} {Convert.ToHexString(unit.Outcome.Span)}"));
}
