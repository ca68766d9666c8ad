using Exchange.Catalog.Governance;
using Exchange.EventStore.Reading;
using Exchange.Protos.V1;
using Exchange.Server.Feed;
using Exchange.Server.Records.Events;
using Exchange.Server.Tests.Records;
using Microsoft.Extensions.DependencyInjection;
using Caller = Exchange.Catalog.Caller;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Feed;

/// <summary>What followers at the log's tail share, and what they must not.</summary>
public sealed class FollowTailTests
{
    [Theory]
    [InlineData(16 << 20)]
    [InlineData(4_000)]
    public async Task Followers_with_different_plans_each_get_what_they_get_by_reading_alone(long windowBytes)
    {
        await using var city = await StartAsync(windowBytes);
        await GrantAsync(city, City.Grid, "content", "phone");
        await PushAsync(city, "before", 0, rounds: 1);
        (Caller Caller, FollowRequest Request)[] readers =
        [
            (City.Archive, Request()),
            (City.Archive, Request()),
            (City.Archive, Request(fields: ["title"])),
            (City.Archive, Request(fields: ["calls", "title"])),
            (City.Archive, Request("calls > 3")),
            (City.Grid, Request()),
            (City.Housing, Request("responsible = \"housing\"")),
            (City.Traffic, Request("responsible = \"traffic\"")),
        ];
        var followers = await Task.WhenAll(readers.Select(reader => Follower.BeginAsync(city.FeedOf(reader.Caller), reader.Request)));
        var start = followers[0].Positions.ToDictionary();

        await Task.WhenAll(Enumerable.Range(0, 3).Select(writer => PushAsync(city, $"writer-{writer}", writer, rounds: 8)));
        var heads = await city.HeadsAsync();
        await Task.WhenAll(followers.Select(follower => follower.ReadThroughAsync(heads)));

        foreach (var (reader, follower) in readers.Zip(followers))
        {
            reader.Request.Beginning = true;
            using var alone = await Follower.BeginAsync(city.FeedOf(reader.Caller), reader.Request);
            await alone.ReadThroughAsync(heads);
            Assert.NotEmpty(follower.Changes);
            Assert.Equal(Ordered(alone.Changes.Where(change => change.Position > start[change.Partition])), Ordered(follower.Changes));
            follower.Dispose();
        }
    }

    [Fact]
    public async Task What_a_destroyed_key_sealed_comes_to_nobody_from_the_tail()
    {
        await using var city = await StartAsync(16 << 20);
        await GrantAsync(city, City.Grid, "content");
        using var first = await Follower.BeginAsync(city.FeedOf(City.Grid), Request());
        using var early = await Follower.BeginAsync(city.FeedOf(City.Grid), Request());
        var receipt = await city.PushAsync(City.Centre, city.Header(City.Centre, "title", "content"), Own("erased", Text("a title"), Text("invented text")));
        var record = Guid.Parse(receipt.Results[0].RecordId);
        await first.ReadUntilAsync(() => first.Changes.Count is 1);
        Assert.Equal("invented text", first.Records[record]["content"].Text);

        Assert.True(await city.Log.Keys.DestroyAsync(city.Log.Partitions.ForRecord(record), record, CancellationToken.None));
        using var again = await early.ResumeAsync(city.FeedOf(City.Grid), Request());
        await again.ReadUntilAsync(() => again.Changes.Count is 1);

        Assert.Equal(["title"], again.Records[record].Keys);
    }

    [Fact]
    public async Task A_page_is_read_once_and_made_once_for_readers_of_one_view()
    {
        await using var city = await StartAsync(16 << 20);
        var tail = city.Hub.Services.GetRequiredService<FeedTail>();
        var (window, number) = tail.TryEnter(await city.HeadsAsync())!.Value;
        Assert.Equal((window, number), tail.TryEnter(await city.HeadsAsync()));
        var reading = Enumerable.Range(0, 4).Select(_ => window.ReadAsync(number, CancellationToken.None)).ToArray();
        await PushAsync(city, "once", 0, rounds: 1);

        var pages = await Task.WhenAll(reading);
        var plan = await PlanOfAsync(city, City.Archive);
        var views = new[] { View(plan, ["title"]), View(plan, ["title"]), View(plan, ["calls"]) };
        var made = await Task.WhenAll(views.Select(view => pages[0]!.Shared!.FindAsync(view, CancellationToken.None).AsTask()));

        Assert.All(pages, page => Assert.Same(pages[0], page));
        Assert.Same(made[0], made[1]);
        Assert.NotSame(made[0], made[2]);
        Assert.Same(pages[0], await window.ReadAsync(number, CancellationToken.None));
        await tail.LeaveAsync(window);
        await tail.LeaveAsync(window);
        Assert.False(tail.IsOpen(window));
        Assert.NotSame(window, tail.TryEnter(await city.HeadsAsync())!.Value.Window);
    }

    [Fact]
    public async Task A_reader_that_is_too_slow_for_the_window_learns_that_it_lacks_something()
    {
        await using var city = await StartAsync(windowBytes: 1);
        var tail = city.Hub.Services.GetRequiredService<FeedTail>();
        var start = await city.HeadsAsync();
        var (window, number) = tail.TryEnter(start)!.Value;
        for (var next = number; next < number + 3; next++)
        {
            var reading = window.ReadAsync(next, CancellationToken.None);
            await PushAsync(city, $"slow-{next}", 0, rounds: 1);
            Assert.NotNull(await reading);
        }

        Assert.Null(await window.ReadAsync(number, CancellationToken.None));
        Assert.Null(window.Join(start));
        Assert.NotNull(window.Join(await city.HeadsAsync()));
        await tail.LeaveAsync(window);
    }

    [Fact]
    public async Task Nobody_waits_for_a_window_that_its_readers_let_fall_behind()
    {
        await using var city = await StartAsync(16 << 20);
        var tail = city.Hub.Services.GetRequiredService<FeedTail>();
        var start = await city.HeadsAsync();
        var (slow, number) = tail.TryEnter(start)!.Value;

        // More events than ten pages of 50 hold, and nobody asked for them.
        await PushAsync(city, "unread", 0, rounds: 60);
        var heads = await city.HeadsAsync();
        Assert.InRange(heads.Sum(head => head.Value - start[head.Key]), 501, long.MaxValue);
        var (window, _) = tail.TryEnter(heads)!.Value;

        Assert.NotSame(slow, window);
        Assert.False(tail.IsOpen(slow));
        Assert.True(tail.IsOpen(window));
        Assert.Null(tail.TryEnter(start));
        Assert.NotNull(await slow.ReadAsync(number, CancellationToken.None));
        await tail.LeaveAsync(slow);
        Assert.True(tail.IsOpen(window));
        await tail.LeaveAsync(window);
    }

    [Fact]
    public async Task A_feed_that_lets_the_tail_go_by_does_not_hold_up_one_that_begins_now()
    {
        await using var city = await StartAsync(4_000);
        using var idle = await Follower.BeginAsync(city.FeedOf(City.Archive), Request(fields: ["title"]));
        await PushAsync(city, "unread", 0, rounds: 30);

        using var now = await Follower.BeginAsync(city.FeedOf(City.Archive), Request(fields: ["title"]));
        await PushAsync(city, "news", 1, rounds: 1);
        await now.ReadUntilAsync(() => now.Changes.Count >= 12);
        await idle.ReadThroughAsync(await city.HeadsAsync());

        Assert.Equal(12, now.Changes.Count);
        Assert.All(now.Changes, change => Assert.Equal(1, change.Version));
        Assert.Equal(24, idle.Records.Count);
    }

    [Fact]
    public async Task Who_has_a_page_already_does_not_get_it_again()
    {
        await using var city = await StartAsync(16 << 20);
        var tail = city.Hub.Services.GetRequiredService<FeedTail>();
        var start = await city.HeadsAsync();
        var (window, number) = tail.TryEnter(start)!.Value;
        var reading = window.ReadAsync(number, CancellationToken.None);
        await PushAsync(city, "first", 0, rounds: 1);
        var page = (await reading)!;
        var positions = start.ToDictionary();
        foreach (var slice in page.Slices)
        {
            positions[slice.Partition] = slice.Through;
        }

        Assert.Equal(number, window.Join(start));
        Assert.Equal(number + 1, window.Join(positions));
        positions[page.Slices[^1].Partition]--;
        Assert.Equal(number, window.Join(positions));
        await tail.LeaveAsync(window);
    }

    [Fact]
    public async Task A_window_keeps_no_more_than_its_budget_and_a_dropped_page_nothing()
    {
        await using var city = await StartAsync(16 << 20);
        await PushAsync(city, "kept", 0, rounds: 1);
        var tail = city.Hub.Services.GetRequiredService<FeedTail>();
        List<PartitionSlice> slices = [];
        foreach (var (partition, head) in (await city.HeadsAsync()).Where(head => head.Value > 0))
        {
            slices.Add(new PartitionSlice(partition, 0, head, await city.Log.Reader.ReadPartitionAsync(partition, 0, 100, CancellationToken.None)));
        }

        var plan = await PlanOfAsync(city, City.Archive);
        var budget = new WindowBudget(20_000);
        var shared = new SharedChanges(tail.Projector, slices, budget);

        List<IReadOnlyList<ChangeRun>?> made = [];
        for (var calls = 0; calls < 30; calls++)
        {
            made.Add(await shared.FindAsync(View(plan, ["title"], $"calls > {calls}"), CancellationToken.None));
        }

        Assert.NotNull(made[0]);
        Assert.Null(made[^1]);
        Assert.True(budget.IsShort);
        shared.Forget();
        Assert.False(budget.IsShort);
        Assert.True(budget.TryTake(20_000));
        Assert.False(budget.TryTake(1));
        Assert.Null(await shared.FindAsync(View(plan, ["title"]), CancellationToken.None));
    }

    private static async Task<CityHub> StartAsync(long windowBytes)
    {
        var city = new CityHub
        {
            Settings = new TestHubSettings { Add = services => services.AddSingleton(new FeedOptions { MaxWindowBytes = windowBytes, MaxBatchBytes = 6_000, MaxEvents = 50 }) },
        };
        await city.InitializeAsync();
        return city;
    }

    private static async Task<Server.Access.ReadPlan> PlanOfAsync(CityHub city, Caller caller) =>
        (await city.Hub.Services.GetRequiredService<Server.Access.ReadPlans>().FindAsync(
            caller, City.Complaint, Exchange.Catalog.Access.PlanAction.Follow, Exchange.Catalog.Purpose.Regulation, CancellationToken.None)).Value;

    private static FeedView View(Server.Access.ReadPlan plan, string[] fields, string filter = "") => FeedQuery.Parse(Request(filter, fields)).Value.Under(plan).Value;

    private static FollowRequest Request(string filter = "", params string[] fields) =>
        new() { Resource = "resources/complaint", Purpose = Purpose.Regulation, Filter = filter, Fields = { fields } };

    private static IEnumerable<Change> Ordered(IEnumerable<Change> changes) => changes.OrderBy(change => (change.Partition, change.Position));

    private static Task GrantAsync(CityHub city, Caller reader, params string[] fields) =>
        city.HappenAsync(new GovernanceEvent.GrantIssued(City.GrantTo(reader, City.Centre, $"grant-{reader.Department.Value}", fields)));

    // Opens records and changes them: some move between departments, some get and lose what is sealed.
    private static async Task PushAsync(CityHub city, string name, int seed, int rounds)
    {
        var random = new Random(seed);
        for (var round = 0; round < rounds; round++)
        {
            var records = Enumerable.Range(0, 12).Select(number => Own(
                $"{name}-{number}",
                Text($"title {random.Next(3)}"),
                random.Next(2) is 0 ? NotSent : Text($"content {round}"),
                Code(random.Next(2) is 0 ? "housing" : "traffic"),
                new Value { Integer = random.Next(6) }));
            await city.PushAsync(City.Centre, city.Header(City.Centre, "title", "content", "responsible", "calls"), [.. records]);
        }
    }
}
