using System.Diagnostics;
using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Policy.Masks;
using Exchange.Protos.V1;
using Exchange.Server.Records.Subjects;
using Exchange.Server.Tests.Records;
using Google.Rpc;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Caller = Exchange.Catalog.Caller;
using Grant = Exchange.Catalog.Grant;
using Purpose = Exchange.Protos.V1.Purpose;
using SharingClass = Exchange.Catalog.SharingClass;
using SharingEntry = Exchange.Catalog.SharingEntry;
using SharingList = Exchange.Catalog.SharingList;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Feed;

public sealed class FollowRightsTests : IAsyncLifetime
{
    private readonly CityHub city = new();

    public ValueTask InitializeAsync() => city.InitializeAsync();

    public ValueTask DisposeAsync() => city.DisposeAsync();

    [Fact]
    public async Task A_revoked_grant_ends_within_a_second_the_streams_that_relied_on_it_and_names_it()
    {
        await IssueAsync(City.GrantTo(City.Archive, City.Centre, "content-grant", "content"));
        using var follower = await BeginAsync(City.Archive, "content");
        using var other = await BeginAsync(City.Archive, "title");

        var ending = follower.ReadToEndAsync();
        var begun = Stopwatch.StartNew();
        await city.HappenAsync(new GovernanceEvent.GrantRevoked(new GrantId("content-grant"), "a test", DateTimeOffset.UtcNow));
        var end = await ending;

        Assert.Equal((StatusCode.PermissionDenied, "RIGHT_ENDED"), (end.StatusCode, end.Reason()));
        Assert.Contains("content-grant", end.Detail<ErrorInfo>()!.Metadata["rules"]);
        Assert.Equal("content", end.Detail<ErrorInfo>()!.Metadata["fields"]);
        Assert.True(begun.Elapsed < TimeSpan.FromSeconds(30), $"{begun.Elapsed}");
        await PushAsync(["title"], Own("after-revoke", Text("goes on")));
        await other.ReadUntilAsync(() => other.Changes.Count is 1);
        Assert.Equal(1L, await city.ScalarAsync<long>("SELECT count(*) FROM log.event WHERE type = 'read-completed' AND position(convert_to('RIGHT_ENDED', 'UTF8') in payload) > 0"));
    }

    [Fact]
    public async Task A_grant_that_runs_out_ends_the_streams_that_relied_on_it()
    {
        var end = await EndOfShortGrantAsync("short-grant");

        Assert.Equal((StatusCode.PermissionDenied, "RIGHT_ENDED"), (end.StatusCode, end.Reason()));
        Assert.Contains("short-grant", end.Detail<ErrorInfo>()!.Metadata["rules"]);
    }

    [Fact]
    public async Task An_owner_that_stops_sharing_ends_the_streams_that_relied_on_it()
    {
        using var follower = await BeginAsync(City.Archive, "title", "calls");

        await ShareAsync("calls", entry => entry with { SharingClass = SharingClass.NotShared });
        var end = await follower.ReadToEndAsync();

        Assert.Equal((StatusCode.PermissionDenied, "RIGHT_ENDED"), (end.StatusCode, end.Reason()));
        Assert.Equal("calls", end.Detail<ErrorInfo>()!.Metadata["fields"]);
        Assert.Contains("base/unconditional", end.Detail<ErrorInfo>()!.Metadata["rules"]);
    }

    [Fact]
    public async Task What_changes_for_others_does_not_disturb_a_stream()
    {
        using var follower = await BeginAsync(City.Archive);

        await IssueAsync(City.GrantTo(City.Traffic, City.Centre, "others-grant", "content"));
        await city.HappenAsync(new GovernanceEvent.GrantRevoked(new GrantId("others-grant"), "a test", DateTimeOffset.UtcNow));
        await PushAsync(["title"], Own("undisturbed", Text("goes on")));
        await follower.ReadUntilAsync(() => follower.Changes.Count is 1);

        Assert.Single(follower.Starts);
        Assert.Empty(follower.Backfills);
    }

    [Fact]
    public async Task A_new_grant_tells_the_new_columns_and_what_to_read_again()
    {
        await PushAsync(["title", "phone"], Own("before-grant", Text("earlier"), Text("13800001111")));
        using var follower = await BeginAsync(City.Archive);

        await IssueAsync(City.GrantTo(City.Archive, City.Centre, "phone-grant", "phone"));
        await follower.ReadUntilAsync(() => follower.Backfills.Count is 1);
        await PushAsync(["title", "phone"], Own("after-grant", Text("later"), Text("13900002222")));
        await follower.ReadUntilAsync(() => follower.Changes.Count is 1);

        Assert.Equal(2, follower.Starts.Count);
        Assert.True(follower.Starts[1].Revision > follower.Starts[0].Revision);
        Assert.Equal(MaskKindOf(follower.Starts[1], "phone"), Protos.V1.MaskKind.ShowLastN);
        Assert.Equal((await city.HeadsAsync()).Values.Sum() - 1, follower.Backfills[0].Ranges.Sum(range => range.Through));
        Assert.All(follower.Backfills[0].Ranges, range => Assert.Equal(0, range.After));
        Assert.Equal("＊2222", Assert.Single(follower.Records).Value["phone"].Text);
        Assert.Equal(2L, await city.ScalarAsync<long>("SELECT count(*) FROM log.event WHERE type = 'read-intended' AND position(convert_to('follow', 'UTF8') in payload) > 0"));
    }

    [Fact]
    public async Task A_tighter_mask_is_told_and_put_on()
    {
        using var follower = await BeginAsync(City.Archive, "title");

        await ShareAsync("title", entry => entry with { Mask = new Exchange.Policy.Masks.Mask(Exchange.Policy.Masks.MaskKind.ShowFirstN, 1) });
        await follower.ReadUntilAsync(() => follower.Starts.Count is 2);
        await PushAsync(["title"], Own("masked", Text("Leaking")));
        await follower.ReadUntilAsync(() => follower.Changes.Count is 1);

        Assert.Empty(follower.Backfills);
        Assert.Equal("L＊", Assert.Single(follower.Records).Value["title"].Text);
    }

    [Fact]
    public async Task A_mask_that_stands_on_more_records_than_before_is_told_also_when_the_columns_stay()
    {
        var masked = new Exchange.Policy.Masks.Mask(Exchange.Policy.Masks.MaskKind.ShowFirstN, 1);
        await IssueAsync(City.GrantTo(City.Archive, City.Centre, "all-masked", "content") with { Mask = masked });
        await IssueAsync(City.GrantTo(City.Archive, City.Centre, "some-open", "content") with { RowFilter = "calls > 3", Mask = Exchange.Policy.Masks.Mask.None });
        using var follower = await BeginAsync(City.Archive, "content");
        await PushAsync(["title", "calls", "content"], Own("open", Text("a"), new Value { Integer = 5 }, Text("Noise")));
        await follower.ReadUntilAsync(() => follower.Changes.Count is 1);

        await city.HappenAsync(new GovernanceEvent.GrantRevoked(new GrantId("some-open"), "a test", DateTimeOffset.UtcNow));
        await follower.ReadUntilAsync(() => follower.Starts.Count is 2);
        await PushAsync(["title", "calls", "content"], Own("later", Text("b"), new Value { Integer = 5 }, Text("Smell")));
        await follower.ReadUntilAsync(() => follower.Changes.Count is 2);

        Assert.Equal(follower.Starts[0].Columns, follower.Starts[1].Columns);
        Assert.Empty(follower.Backfills);
        Assert.Equal(["Noise", "S＊"], follower.Changes.Select(change => Assert.Single(change.Values).Text));
    }

    [Fact]
    public async Task A_field_that_is_published_later_is_told_and_followed()
    {
        using var follower = await BeginAsync(City.Archive);
        var fields = City.Fields.Append(City.Fields.Single(field => field.Name is "calls") with { Number = 90, Name = "visits" });
        var grown = new ResourceDefinition(City.Complaint, 2, fields) { Department = City.Centre.Department };
        await city.Hub.Services.GetRequiredService<SubjectTables>().EnsureAsync(grown, CancellationToken.None);

        await city.HappenAsync(new GovernanceEvent.ResourcePublished(grown));
        await follower.ReadUntilAsync(() => follower.Starts.Count is 2);
        await PushAsync(["title", "visits"], Own("grown", Text("a"), new Value { Integer = 3 }));
        await follower.ReadUntilAsync(() => follower.Changes.Count is 1);

        Assert.Equal("visits", follower.Columns[^1]);
        Assert.Equal(3, Assert.Single(follower.Records).Value["visits"].Integer);
    }

    [Fact]
    public async Task A_filter_that_may_no_longer_be_asked_ends_the_stream()
    {
        using var follower = await Follower.BeginAsync(
            city.FeedOf(City.Archive),
            new FollowRequest { Resource = "resources/complaint", Purpose = Purpose.Regulation, Fields = { "title" }, Filter = "calls > 3" });

        await ShareAsync("calls", entry => entry with { Mask = new Exchange.Policy.Masks.Mask(Exchange.Policy.Masks.MaskKind.BucketNumber, 10) });
        var end = await follower.ReadToEndAsync();

        Assert.Equal((StatusCode.PermissionDenied, "RIGHT_ENDED"), (end.StatusCode, end.Reason()));
    }

    [Fact]
    public async Task A_disabled_client_loses_its_stream()
    {
        using var follower = await BeginAsync(City.Archive, "title");

        await city.Hub.DisableAsync(city.ClientOf(City.Archive));
        var end = await follower.ReadToEndAsync();

        Assert.Equal((StatusCode.Unauthenticated, "CLIENT_DISABLED"), (end.StatusCode, end.Reason()));
    }

    private async Task<RpcException> EndOfShortGrantAsync(string id)
    {
        await IssueAsync(City.GrantTo(City.Archive, City.Centre, id, "content") with { ExpireTime = DateTimeOffset.UtcNow.AddSeconds(2) });
        using var follower = await BeginAsync(City.Archive, "content");
        return await follower.ReadToEndAsync();
    }

    private static Protos.V1.MaskKind? MaskKindOf(FollowStart start, string field) => start.Columns.Single(column => column.Field == field).Masks.SingleOrDefault()?.Kind;

    private Task<Follower> BeginAsync(Caller caller, params string[] fields) =>
        Follower.BeginAsync(city.FeedOf(caller), new FollowRequest { Resource = "resources/complaint", Purpose = Purpose.Regulation, Fields = { fields } });

    private Task<PushReceipt> PushAsync(string[] fields, PushedRecord record) => city.PushAsync(City.Centre, city.Header(City.Centre, fields), record);

    private Task IssueAsync(Grant grant) => city.HappenAsync(new GovernanceEvent.GrantIssued(grant));

    // The centre's list with one entry.
    private Task ShareAsync(string field, Func<SharingEntry, SharingEntry> change)
    {
        var definition = City.Fields.Single(candidate => candidate.Name == field);
        var entry = city.State.SharingOf(City.Centre.Department, City.Complaint, definition);
        return city.HappenAsync(new GovernanceEvent.SharingListChanged(new SharingList
        {
            Department = City.Centre.Department,
            Resource = City.Complaint,
            Entries = [change(entry)],
            Revision = 1,
        }));
    }
}
