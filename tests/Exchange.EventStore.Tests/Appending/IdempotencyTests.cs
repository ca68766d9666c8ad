using Exchange.EventStore.Appending;
using Exchange.EventStore.Committing;
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

    [Theory]
    [MemberData(nameof(Layouts))]
    public async Task Many_keys_called_from_two_nodes_at_once_have_one_effect_each(int appenders, bool onePartition)
    {
        // B2 asks for 50 calls of each of 2,000 keys; the quick size is 20 calls of each of 60.
        await ManyKeysAsync(appenders, onePartition, keys: 60, calls: 20);
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    [Trait("Stage", "Full")]
    public Task Two_thousand_keys_called_fifty_times_have_one_effect_each(
        int appenders, bool onePartition) => ManyKeysAsync(appenders, onePartition, keys: 2_000, calls: 50);

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
    public async Task A_request_broken_off_between_appenders_is_completed_by_its_repeat()
    {
        var log = await OpenAsync(3, false);
        var single = await OpenAsync(1, false);
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

        // Completed by a node with another number of appenders, then asked again on both.
        var completed = await single.AppendAsync(Key("broken"), units);
        var again = await log.AppendAsync(Key("broken"), units);
        var other = await single.AppendAsync(Key("broken", "other content"), units);

        Assert.InRange(stored, 1, 39);
        Assert.Null(completed.Refusal);
        Assert.Equal(Describe(completed), Describe(again));
        Assert.True(again.IsReplay);
        Assert.Equal(AppendRefusalReason.KeyReused, other.Refusal?.Reason);
        var untouched = streams.Count - units.OfType<EventUnit>().Sum(unit => unit.Events.Count);
        Assert.Equal(streams.Count - untouched + 1L, await store.ScalarAsync<long>("SELECT count(*) FROM log.event"));
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

    private async Task ManyKeysAsync(int appenders, bool onePartition, int keys, int calls)
    {
        var nodes = new[] { await OpenAsync(appenders, onePartition), await OpenAsync(appenders, onePartition) };
        var effects = Enumerable.Range(0, keys).Select(_ => Enumerable.Range(0, 3).Select(_ => Guid.NewGuid()).ToList()).ToList();

        var results = await Task.WhenAll(
            from call in Enumerable.Range(0, calls)
            from key in Enumerable.Range(0, keys)
            select AppendAsync(nodes[(call + key) % 2], key));

        Assert.All(results.GroupBy(result => result.Key), answers => Assert.Single(answers.Select(answer => answer.Text).Distinct()));
        Assert.Equal(keys * 3L, await store.ScalarAsync<long>("SELECT count(*) FROM log.event WHERE stream_id = ANY ($1)", effects.SelectMany(key => key).ToArray()));

        async Task<(int Key, string Text)> AppendAsync(EventLog log, int key)
        {
            var result = await log.AppendAsync(Key($"many-{key}"), Units(log, effects[key]));
            Assert.Null(result.Refusal);
            return (key, Describe(result));
        }
    }

    private Task<EventLog> OpenAsync(int appenders, bool onePartition) =>
        store.OpenAsync(options => options with { Appenders = appenders, OnePartitionPerTransaction = onePartition, MaxQueuedEvents = int.MaxValue, RetryFor = TimeSpan.FromMinutes(2) });

    private static AppendUnit[] Units(EventLog log, IEnumerable<Guid> streams) =>
        [.. streams.GroupBy(log.Partitions.ForRecord).Select(group => Unit(group.Key, [.. group.Select(stream => Event(stream))]))];

    private static string Describe(AppendResult result) =>
        string.Join("; ", result.Units.Select(unit => $"{unit.Partition} {unit.FirstPosition}-{unit.LastPosition} {unit.RecordedAt:O} {Convert.ToHexString(unit.Outcome.Span)}"));
}
