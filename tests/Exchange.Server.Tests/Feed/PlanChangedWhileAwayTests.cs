using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Protos.V1;
using Exchange.Server.Feed;
using Exchange.Server.Tests.Records;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Grant = Exchange.Catalog.Grant;
using Purpose = Exchange.Protos.V1.Purpose;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Feed;

public sealed class PlanChangedWhileAwayTests : IAsyncLifetime
{
    private readonly CityHub city = new()
    {
        Settings = new TestHubSettings { Add = services => services.AddSingleton(new FeedOptions { IdleInterval = TimeSpan.FromMilliseconds(200) }) },
    };

    public async ValueTask InitializeAsync()
    {
        await city.InitializeAsync();
        await PushAsync("early", calls: 5);
    }

    public ValueTask DisposeAsync() => city.DisposeAsync();

    [Fact]
    public async Task A_grant_issued_while_the_reader_was_away_is_announced_first_and_once()
    {
        using var follower = await BeginAsync();
        await follower.ReadThroughAsync(await city.HeadsAsync());
        await IssueAsync(City.GrantTo(City.Archive, City.Centre, "phone-grant", "phone"));

        using var again = await follower.ResumeAsync(city.FeedOf(City.Archive), Request());
        var announced = await again.ReadAsync();
        await again.ReadAsync();
        using var third = await again.ResumeAsync(city.FeedOf(City.Archive), Request());
        var next = await third.ReadAsync();

        Assert.Single(again.Starts[0].Columns.Single(column => column.Field is "phone").Masks);
        Assert.Equal(again.Starts[0].Revision, announced.Backfill?.Revision);
        Assert.Equal(
            follower.Positions.Where(position => position.Value > 0).OrderBy(position => position.Key).Select(position => (position.Key, 0L, position.Value)),
            announced.Backfill!.Ranges.Select(range => (range.Partition, range.After, range.Through)));
        Assert.NotNull(next.Batch);
    }

    [Fact]
    public async Task A_reader_that_breaks_off_before_the_announcement_gets_it_when_it_comes_again()
    {
        using var follower = await BeginAsync();
        await follower.ReadThroughAsync(await city.HeadsAsync());
        await IssueAsync(City.GrantTo(City.Archive, City.Centre, "phone-grant", "phone"));

        // Took the start, and keeps the start's checkpoint.
        using var broken = await follower.ResumeAsync(city.FeedOf(City.Archive), Request());
        using var again = await broken.ResumeAsync(city.FeedOf(City.Archive), Request());

        Assert.NotNull((await again.ReadAsync()).Backfill);
    }

    [Fact]
    public async Task Rows_that_come_into_sight_while_the_columns_stay_are_announced()
    {
        await IssueAsync(City.GrantTo(City.Archive, City.Centre, "narrow", "phone") with { RowFilter = "calls > 7" });
        using var follower = await BeginAsync("phone");
        await follower.ReadThroughAsync(await city.HeadsAsync());
        await IssueAsync(City.GrantTo(City.Archive, City.Centre, "wide", "phone") with { RowFilter = "calls > 3" });

        using var again = await follower.ResumeAsync(city.FeedOf(City.Archive), Request("phone"));

        Assert.NotNull((await again.ReadAsync()).Backfill);
        Assert.Equal(follower.Starts[0].Columns, again.Starts[0].Columns);
    }

    [Fact]
    public async Task A_right_that_ended_is_announced_to_who_comes_again_whether_it_was_there_or_away()
    {
        await IssueAsync(City.GrantTo(City.Archive, City.Centre, "phone-grant", "phone"));
        using var away = await BeginAsync();
        await away.ReadThroughAsync(await city.HeadsAsync());
        using var there = await BeginAsync();
        await there.ReadThroughAsync(await city.HeadsAsync());
        away.Dispose();

        var ending = there.ReadToEndAsync();
        await city.HappenAsync(new GovernanceEvent.GrantRevoked(new GrantId("phone-grant"), "a test", DateTimeOffset.UtcNow));
        Assert.Equal("RIGHT_ENDED", (await ending).Reason());

        foreach (var follower in new[] { away, there })
        {
            using var again = await follower.ResumeAsync(city.FeedOf(City.Archive), Request());

            Assert.Empty(again.Starts[0].Columns.Single(column => column.Field is "phone").Masks);
            Assert.NotNull((await again.ReadAsync()).Backfill);
        }
    }

    [Fact]
    public async Task What_shows_the_same_as_before_is_not_announced()
    {
        await IssueAsync(City.GrantTo(City.Archive, City.Centre, "phone-grant", "phone"));
        using var follower = await BeginAsync();
        await follower.ReadThroughAsync(await city.HeadsAsync());
        follower.Dispose();

        await IssueAsync(City.GrantTo(City.Traffic, City.Centre, "others-grant", "content"));
        await IssueAsync(City.GrantTo(City.Archive, City.Centre, "renewed", "phone"));
        await city.HappenAsync(new GovernanceEvent.GrantRevoked(new GrantId("phone-grant"), "a test", DateTimeOffset.UtcNow));
        using var again = await follower.ResumeAsync(city.FeedOf(City.Archive), Request());

        Assert.True(again.Starts[0].Revision > follower.Starts[0].Revision);
        Assert.NotNull((await again.ReadAsync()).Batch);
    }

    [Fact]
    public async Task A_follow_from_a_pull_hears_of_what_the_pull_was_not_shown_and_of_nothing_else()
    {
        var checkpoint = await PullAsync();

        using (var same = await FromAsync(checkpoint))
        {
            Assert.NotNull((await same.ReadAsync()).Batch);
        }

        await IssueAsync(City.GrantTo(City.Archive, City.Centre, "phone-grant", "phone"));
        using var other = await FromAsync(checkpoint);

        Assert.NotNull((await other.ReadAsync()).Backfill);
    }

    private static FollowRequest Request(params string[] fields) => new() { Resource = "resources/complaint", Purpose = Purpose.Regulation, Fields = { fields } };

    private Task<Follower> BeginAsync(params string[] fields)
    {
        var request = Request(fields);
        request.Beginning = true;
        return Follower.BeginAsync(city.FeedOf(City.Archive), request);
    }

    private Task<Follower> FromAsync(string checkpoint)
    {
        var request = Request();
        request.Checkpoint = checkpoint;
        return Follower.BeginAsync(city.FeedOf(City.Archive), request);
    }

    private async Task<string> PullAsync()
    {
        using var call = city.RecordsOf(City.Archive).Pull(new PullRequest { Resource = "resources/complaint", Purpose = Purpose.Regulation });
        var checkpoint = "";
        await foreach (var message in call.ResponseStream.ReadAllAsync())
        {
            checkpoint = message.Start?.Checkpoint ?? checkpoint;
        }

        return checkpoint;
    }

    private Task IssueAsync(Grant grant) => city.HappenAsync(new GovernanceEvent.GrantIssued(grant));

    private Task<PushReceipt> PushAsync(string sourceId, int calls) => city.PushAsync(
        City.Centre, city.Header(City.Centre, "title", "phone", "calls"), Own(sourceId, Text("a"), Text("13800001111"), new Value { Integer = calls }));
}
