using System.Globalization;
using Exchange.Catalog;
using Exchange.Testing.Access;
using Grpc.Core;

namespace Exchange.Server.Tests.Access;

/// <summary>
/// The pull decides in SQL on rows, the feed in memory on events, the interpreter by the rules' text on one record and field after the other. All three
/// must show every reader the same, under random sharing lists, grants and policy rows that change while records move.
/// </summary>
public sealed class ReadsAgainstInterpreterTests
{
    private const int Rounds = 6;

    [Fact]
    public Task Whoever_pulls_or_follows_sees_of_every_record_what_the_rules_say() => CompareAsync(1, 200_000);

    [Fact]
    [Trait("Stage", "Full")]
    public Task Whoever_pulls_or_follows_sees_of_every_record_what_the_rules_say_two_million_times() => CompareAsync(1_000, 2_000_000);

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public async Task Who_follows_from_a_pull_that_ran_while_others_pushed_misses_nothing(int seed)
    {
        await using var hub = await RandomHub.StartAsync(seed);
        await hub.PushAsync(seed, 30);
        var pushing = hub.PushAsync(seed + 100, 80);
        List<RandomFollower> followers = [];
        foreach (var reader in hub.Readers(20))
        {
            var follower = new RandomFollower(hub, reader);
            followers.Add(follower);
            if (await TryPullAsync(hub, reader) is var (seen, checkpoint))
            {
                await follower.BeginAsync(seen, checkpoint);
            }
        }

        await pushing;

        var tally = new Tally();
        await CompareAsync(hub, followers, tally);
        Assert.InRange(followers.Sum(follower => follower.Told.Resumed), 5, int.MaxValue);
        Assert.InRange(tally.Decisions, 5_000, int.MaxValue);
    }

    [Fact]
    public async Task The_comparison_finds_a_wrong_rule()
    {
        var differences = Enum.GetValues<Mistake>().ToDictionary(mistake => mistake, _ => 0);
        for (var seed = 31; seed <= 40 && differences.Count(mistake => mistake.Value is 0) > 1; seed++)
        {
            await using var hub = await RandomHub.StartAsync(seed);
            await hub.PushAsync(seed, 60);
            var rows = await hub.RowsAsync();
            foreach (var reader in hub.Readers(0))
            {
                var pulled = (await TryPullAsync(hub, reader))?.Seen ?? [];
                foreach (var mistake in differences.Keys)
                {
                    differences[mistake] += Written(hub.Interpret(reader, PolicyAction.Read, rows, mistake)) == Written(pulled) ? 0 : 1;
                }
            }
        }

        Assert.Equal([Mistake.None], differences.Where(mistake => mistake.Value is 0).Select(mistake => mistake.Key));
    }

    private static async Task CompareAsync(int firstSeed, int least)
    {
        var tally = new Tally();
        for (var seed = firstSeed; tally.Decisions < least; seed++)
        {
            await using var hub = await RandomHub.StartAsync(seed);
            var followers = hub.Readers(10).Select(reader => new RandomFollower(hub, reader)).ToList();
            for (var round = 0; round < Rounds; round++)
            {
                // Every other round goes on under what was decided before: streams live through records that move.
                await hub.ChangeAsync(round % 2 is 0 ? 0 : 4);
                await hub.PushAsync((seed * Rounds) + round, 25);
                await CompareAsync(hub, followers, tally);
            }

            foreach (var follower in followers)
            {
                tally.Add(follower.Told);
                follower.Dispose();
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine(tally.ToString());
        Assert.InRange(tally.Shown, tally.Decisions / 10, tally.Decisions * 9 / 10);
        Assert.All([tally.Masked, tally.Forbidden], count => Assert.InRange(count, tally.Decisions / 100, tally.Decisions));
        Assert.All([tally.Told.Entered, tally.Told.Withdrawn], count => Assert.InRange(count, 100, int.MaxValue));
        Assert.All([tally.Told.Ended, tally.Told.Backfilled, tally.Told.Resumed], count => Assert.InRange(count, 10, int.MaxValue));
    }

    private static async Task CompareAsync(RandomHub hub, List<RandomFollower> followers, Tally tally)
    {
        var (rows, heads) = (await hub.RowsAsync(), await hub.HeadsAsync());
        foreach (var follower in followers)
        {
            await follower.ReadThroughAsync(heads);
            var pulled = (await TryPullAsync(hub, follower.Reader))?.Seen;
            foreach (var (id, values) in pulled?.Take(2) ?? [])
            {
                Assert.Equal(Written(new() { [id] = values }), Written(await hub.GetAsync(follower.Reader, id)));
            }

            Judge(hub, follower.Reader, PolicyAction.Read, rows, pulled, tally);
            Judge(hub, follower.Reader, PolicyAction.Follow, rows, follower.Seen, tally);
        }
    }

    // Who is refused a resource sees nothing of it. Who is refused a field or a filter may see the rest.
    private static void Judge(RandomHub hub, RandomReader reader, PolicyAction action, List<(Guid Id, CityRow Row)> rows, RandomHub.Seen? seen, Tally tally)
    {
        if (seen is null && (reader.Fields.Length > 0 || reader.Filter.Length > 0))
        {
            return;
        }

        var (expected, actual) = (Written(hub.Interpret(reader, action, rows)), Written(seen ?? []));
        Assert.True(expected == actual, $"{hub}, {action} of {reader}: the rules say\n{expected}\nand the hub\n{actual}");
        tally.Count(hub, reader, action, rows);
    }

    private static async Task<(RandomHub.Seen Seen, string Checkpoint)?> TryPullAsync(RandomHub hub, RandomReader reader)
    {
        try
        {
            return await hub.PullAsync(reader);
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.InvalidArgument or StatusCode.PermissionDenied)
        {
            return null;
        }
    }

    private static string Written(RandomHub.Seen records) => string.Join('\n', records.OrderBy(record => record.Key).Select(record => string.Create(
        CultureInfo.InvariantCulture, $"{record.Key}: {string.Join(", ", record.Value.OrderBy(value => value.Key, StringComparer.Ordinal).Select(value => $"{value.Key} {value.Value}"))}")));

    /// <summary>What was compared.</summary>
    private sealed class Tally
    {
        public int Decisions { get; private set; }

        public int Shown { get; private set; }

        public int Masked { get; private set; }

        public int Forbidden { get; private set; }

        public (int Entered, int Withdrawn, int Ended, int Backfilled, int Resumed) Told { get; private set; }

        public void Add((int Entered, int Withdrawn, int Ended, int Backfilled, int Resumed) told) => Told = (
            Told.Entered + told.Entered, Told.Withdrawn + told.Withdrawn, Told.Ended + told.Ended, Told.Backfilled + told.Backfilled, Told.Resumed + told.Resumed);

        public void Count(RandomHub hub, RandomReader reader, PolicyAction action, List<(Guid Id, CityRow Row)> rows)
        {
            var (rules, withoutForbids) = (hub.Interpreter(reader, action), hub.Interpreter(reader, action, Mistake.PermitsGoFirst));
            foreach (var (_, row) in rows)
            {
                foreach (var field in hub.Definition.Fields.Where(field => reader.Wants(field.Name)))
                {
                    var mask = rules.See(field, row);
                    Decisions++;
                    Shown += mask is null ? 0 : 1;
                    Masked += mask is { Hides: true } ? 1 : 0;
                    Forbidden += mask is null && withoutForbids.See(field, row) is not null ? 1 : 0;
                }
            }
        }

        public override string ToString() => $"{Decisions} decisions: {Shown} shown, {Masked} masked, {Forbidden} forbidden; streams were told {Told}";
    }
}
