using Exchange.Protos.V1;
using Exchange.Server.Feed;
using Exchange.Server.Governance;
using Exchange.Server.Tests.Records;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Caller = Exchange.Catalog.Caller;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Feed;

public sealed class FollowStreamTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task An_idle_feed_says_that_nothing_is_new_and_where_every_partition_stands()
    {
        await using var city = await StartAsync(new FeedOptions { IdleInterval = TimeSpan.FromMilliseconds(200) });
        await PushAsync(city, 40, length: 10);
        using var follower = await BeginAsync(city);
        var checkpoint = follower.Checkpoint;

        var message = await follower.ReadAsync();

        Assert.Equal(
            (await city.HeadsAsync()).OrderBy(head => head.Key).Select(head => (head.Key, head.Value, head.Value)),
            message.Batch.Coverage.Select(range => (range.Partition, range.After, range.Through)));
        Assert.Equal(checkpoint, message.Batch.Checkpoint);
        Assert.InRange(message.CalculateSize(), 1, 2_048);
    }

    [Fact]
    public async Task The_idle_batch_after_the_last_change_proves_to_a_client_that_lost_it_that_something_is_missing()
    {
        await using var city = await StartAsync(new FeedOptions { IdleInterval = TimeSpan.FromMilliseconds(200) });
        using var follower = await BeginAsync(city);
        var proof = new Exchange.Clients.Feed.CoverageProof();
        proof.Begin(follower.Starts[0].From);
        await PushAsync(city, 1, length: 10);

        var message = await follower.ReadAsync();
        while (message.Batch.Changes.Count is 0)
        {
            message = await follower.ReadAsync();
        }

        // The batch with the change is lost; nothing else happens.
        proof.Add((await follower.ReadAsync()).Batch);

        Assert.False(proof.IsContiguous);
        Assert.Equal(message.Batch.Changes[0].Partition, Assert.Single(proof.Gaps).Partition);
    }

    [Fact]
    public async Task Messages_stay_small_and_cover_everything()
    {
        const int Limit = 20_000;
        await using var city = await StartAsync(new FeedOptions { MaxBatchBytes = Limit });
        await PushAsync(city, 300, length: 400);
        using var follower = await BeginAsync(city, beginning: true);
        var heads = await city.HeadsAsync();

        List<int> sizes = [];
        while (heads.Any(head => follower.Positions[head.Key] < head.Value))
        {
            sizes.Add((await follower.ReadAsync()).CalculateSize());
        }

        Assert.True(sizes.Count >= 300 * 400 / Limit, $"{sizes.Count} messages");
        Assert.All(sizes, size => Assert.InRange(size, 0, Limit));
        Assert.Equal(300, follower.Records.Count);
    }

    [Fact]
    public async Task A_reader_that_takes_nothing_loses_its_stream_and_resumes_without_loss()
    {
        await using var city = await StartAsync(new FeedOptions { SlowReaderLimit = TimeSpan.FromSeconds(4) });
        for (var times = 0; times < 4; times++)
        {
            await PushAsync(city, 2_000, length: 400, first: times * 2_000);
        }

        using var follower = await BeginAsync(city, beginning: true);
        await city.EventsAsync("read-completed", "SLOW_READER", Patience);
        var end = await follower.ReadToEndAsync();

        Assert.Equal((StatusCode.Unavailable, "SLOW_READER"), (end.StatusCode, end.Reason()));
        Assert.InRange(follower.Records.Count, 0, 7_999);
        using var again = await follower.ResumeAsync(city.FeedOf(City.Archive), Request());
        await again.ReadThroughAsync(await city.HeadsAsync());
        Assert.Equal(8_000, again.Records.Count);
    }

    [Fact]
    public async Task A_hub_that_stops_ends_its_feeds_so_that_they_resume()
    {
        await using var city = await StartAsync(new FeedOptions());
        using var follower = await BeginAsync(city, beginning: true);
        await PushAsync(city, 50, length: 100);
        await follower.ReadUntilAsync(() => follower.Records.Count > 0);

        var ending = follower.ReadToEndAsync();
        await city.Hub.RestartAsync();
        var end = await ending;
        await PushAsync(city, 50, length: 100, first: 50);
        using var again = await follower.ResumeAsync(city.FeedOf(City.Archive), Request());
        await again.ReadThroughAsync(await city.HeadsAsync());

        Assert.Equal((StatusCode.Unavailable, "SHUTTING_DOWN"), (end.StatusCode, end.Reason()));
        Assert.Equal(100, again.Records.Count);
    }

    [Fact]
    public async Task A_follower_that_reconnects_at_random_while_others_push_misses_nothing_and_repeats_nothing()
    {
        await using var city = await StartAsync(new FeedOptions { MaxBatchBytes = 5_000, MaxEvents = 40 });
        var random = new Random(7);
        var follower = await BeginAsync(city);
        var pushing = Task.WhenAll(Enumerable.Range(0, 4).Select(async writer =>
        {
            for (var batch = 0; batch < 15; batch++)
            {
                await PushAsync(city, 20, length: 100, first: writer * 10_000 + batch * 20);
            }
        }));

        List<Change> changes = [];
        for (var connections = 0; !pushing.IsCompleted; connections++)
        {
            for (var messages = random.Next(1, 6); messages > 0 && !pushing.IsCompleted; messages--)
            {
                await follower.ReadAsync();
            }

            changes.AddRange(follower.Changes);
            var next = await follower.ResumeAsync(city.FeedOf(City.Archive), Request());
            follower.Dispose();
            follower = next;
        }

        await pushing;
        await follower.ReadThroughAsync(await city.HeadsAsync());
        changes.AddRange(follower.Changes);
        follower.Dispose();

        Assert.Equal(1_200, changes.Count);
        Assert.Equal(1_200, changes.DistinctBy(change => (change.Partition, change.Position)).Count());
    }

    [Fact]
    public async Task A_node_that_does_not_know_the_newest_policies_ends_its_feeds()
    {
        var server = await Testing.TestPostgres.StartOwnAsync();
        var folder = server.DataDirectory;
        try
        {
            var connectionString = await server.CreateDatabaseAsync("hub", CancellationToken.None);
            await using var city = await StartAsync(new FeedOptions { IdleInterval = TimeSpan.FromMilliseconds(100) }, connectionString);
            using var follower = await BeginAsync(city);
            await follower.ReadAsync();

            await server.DisposeAsync();
            var end = await follower.ReadToEndAsync();

            Assert.Equal((StatusCode.Unavailable, "GOVERNANCE_NOT_CONFIRMED"), (end.StatusCode, end.Reason()));
        }
        finally
        {
            await server.DisposeAsync();
            Testing.TestPostgres.Delete(folder);
        }
    }

    private static async Task<CityHub> StartAsync(FeedOptions options, string? connectionString = null)
    {
        var city = new CityHub
        {
            Settings = new TestHubSettings
            {
                ConnectionString = connectionString,
                Add = services => services.AddSingleton(options),
                Options = hub => connectionString is null ? hub : hub with { GovernancePatience = GovernanceStore.Patience },
            },
        };
        await city.InitializeAsync();
        return city;
    }

    private static FollowRequest Request() => new() { Resource = "resources/complaint", Purpose = Purpose.Regulation, Fields = { "title" } };

    private static Task<Follower> BeginAsync(CityHub city, bool beginning = false)
    {
        var request = Request();
        if (beginning)
        {
            request.Beginning = true;
        }

        return Follower.BeginAsync(city.FeedOf(City.Archive), request);
    }

    private static async Task PushAsync(CityHub city, int count, int length, int first = 0)
    {
        var text = new string('x', length);
        var receipt = await city.PushAsync(
            City.Centre, city.Header(City.Centre, "title"), [.. Enumerable.Range(first, count).Select(number => Own($"bulk-{number}", Text(text)))]);
        Assert.All(receipt.Results, result => Assert.Equal(RecordOutcome.Accepted, result.Outcome));
    }
}
