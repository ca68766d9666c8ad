using System.Globalization;
using Exchange.Server.Tests.Faults.Kills;
using Exchange.Testing;

namespace Exchange.Server.Tests.Faults.Feeds;

/// <summary>
/// Reliability C1 through the whole hub: sixty consumers that come and go, rest, and lose their hub, while desks push. Ordered, unique, atomic,
/// reliable, resumable, bookmarkable and filtered: each kept exactly what the stored events say, in that order.
/// </summary>
[Collection(LoadCollection.Name)]
public sealed class FeedUnderLoadTests(ITestOutputHelper output)
{
    private const int Desks = 3;
    private const int ReadersOfAll = 20;
    private const int ReadersOfEachDistrict = 10;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    [Fact]
    public Task Half_a_million_deliveries_with_reconnects_and_kills_are_those_that_were_stored() => FollowAsync(deliveries: 500_000, kills: 3);

    [Fact]
    [Trait("Stage", "Full")]
    public Task Ten_million_deliveries_with_reconnects_and_kills_are_those_that_were_stored() => FollowAsync(deliveries: 10_000_000, kills: 40);

    private async Task FollowAsync(long deliveries, int kills)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("FAULT_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Environment.TickCount;
        var random = new Random(seed);
        output.WriteLine($"FAULT_SEED={seed}");
        var connectionString = await TestPostgres.CreateDatabaseAsync("feeds");
        await using var hub = await HubProgram.StartAsync(connectionString);
        var city = await FeedCity.FoundAsync(hub, Desks);
        List<FeedConsumer> consumers =
        [
            .. city.Readers.SelectMany(reader => Enumerable.Range(0, reader.District is null ? ReadersOfAll : ReadersOfEachDistrict).Select(number =>
                new FeedConsumer(reader.District, reader.Client, number switch { 0 => Habit.Slow, < 6 => Habit.Steady, _ => Habit.Restless }, random.Next()))),
        ];
        var careless = new FeedConsumer(null, city.Readers[0].Client, Habit.Careless, random.Next());
        var writers = city.Desks.Select(desk => new FeedWriter(desk.Name, desk.Client, random.Next())).ToList();
        using var stopWriting = new CancellationTokenSource();
        using var stopReading = new CancellationTokenSource();
        var reading = consumers.Append(careless).Select(consumer => Task.Run(() => consumer.RunAsync(stopReading.Token))).ToList();
        var writing = writers.ConvertAll(writer => Task.Run(() => writer.RunAsync(stopWriting.Token)));
        try
        {
            for (var kill = 1; kill <= kills; kill++)
            {
                await UntilAsync(() => Delivered() >= deliveries * kill / (kills + 1), reading, writing);
                await hub.KillAsync();
                await hub.StartAsync();
            }

            await UntilAsync(() => Delivered() >= deliveries, reading, writing);
            await stopWriting.CancelAsync();
            await Task.WhenAll(writing).WaitAsync(Patience);
            var judge = await FeedJudge.ReadAsync(connectionString);
            consumers.ForEach(consumer => consumer.Hurry());
            await UntilAsync(() => consumers.All(consumer => consumer.Holds(judge.Heads)), reading, []);
            await stopReading.CancelAsync();
            await Task.WhenAll(reading).WaitAsync(Patience);

            output.WriteLine($"{Delivered():#,0} deliveries of {writers.Sum(writer => writer.Accepted):#,0} acknowledged changes to {consumers.Count} consumers, {hub.Starts} starts of the hub");
            output.WriteLine($"streams opened: {consumers.Sum(consumer => consumer.Connections):#,0}; work forgotten and done again: {consumers.Sum(consumer => consumer.Forgot):#,0} times");
            Assert.All(consumers, consumer => Assert.Null(consumer.Fault));
            Assert.All(consumers, consumer => Assert.Null(judge.FindFault(consumer)));
            Assert.Equal(1 + kills, hub.Starts);
            Assert.All(consumers, consumer => Assert.True(consumer.Connections > (consumer.Habit is Habit.Restless ? kills : 0), $"{consumer.Habit}: {consumer.Connections} streams"));
            Assert.Contains(consumers, consumer => consumer.Forgot > 0);

            // The controls: who keeps the checkpoint before its work misses something, and the judge sees it; as it sees every other way to be wrong.
            Assert.NotNull(judge.FindFault(careless));
            TheJudgeSees(judge, consumers[^1]);
        }
        finally
        {
            await stopWriting.CancelAsync();
            await stopReading.CancelAsync();
            foreach (var client in city.Desks.Select(desk => desk.Client).Concat(city.Readers.Select(reader => reader.Client)))
            {
                await client.DisposeAsync();
            }
        }

        long Delivered() => consumers.Sum(consumer => consumer.Deliveries);
    }

    private static void TheJudgeSees(FeedJudge judge, FeedConsumer consumer)
    {
        var partition = consumer.Kept.MaxBy(list => list.Value.Count).Key;
        foreach (var (what, spoil) in new (string What, Action<List<Delivery>> Spoil)[]
        {
            ("lost", list => list.RemoveAt(1)),
            ("the last one lost", list => list.RemoveAt(list.Count - 1)),
            ("twice", list => list.Insert(1, list[1])),
            ("out of order", list => list.Reverse(1, 2)),
            ("another value", list => list[1] = list[1] with { Content = list[1].Content + 1 }),
            ("one too many", list => list.Add(list[^1] with { Position = list[^1].Position + 1 })),
        })
        {
            var spoiled = consumer.Kept.ToDictionary(list => list.Key, list => list.Value.ToList());
            spoil(spoiled[partition]);
            Assert.True(judge.FindFault(consumer.District, spoiled) is not null, what);
        }

        // Filtered: what a reader of another district must be told is something else.
        Assert.NotNull(judge.FindFault(consumer.District == FeedCity.Districts[0] ? FeedCity.Districts[1] : FeedCity.Districts[0], consumer.Kept));
    }

    private static async Task UntilAsync(Func<bool> holds, IReadOnlyList<Task> reading, IReadOnlyList<Task> writing)
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (!holds())
        {
            foreach (var ended in reading.Concat(writing).Where(task => task.IsCompleted))
            {
                await ended;
            }

            await Task.Delay(20, deadline.Token);
        }
    }
}
