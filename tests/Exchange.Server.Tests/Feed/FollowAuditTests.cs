using Exchange.Catalog.Governance;
using Exchange.Protos.V1;
using Exchange.Server.Tests.Records;
using Purpose = Exchange.Protos.V1.Purpose;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Feed;

public sealed class FollowAuditTests : IAsyncLifetime
{
    private readonly CityHub city = new();

    public ValueTask InitializeAsync() => city.InitializeAsync();

    public ValueTask DisposeAsync() => city.DisposeAsync();

    [Fact]
    public async Task What_is_sent_under_a_new_plan_stands_under_an_intent_of_that_plan_though_the_columns_stay()
    {
        await GrantAsync("narrow", "calls > 7");
        var follower = await Follower.BeginAsync(city.FeedOf(City.Archive), Request());
        await PushAsync("first", calls: 9);
        await follower.ReadUntilAsync(() => follower.Changes.Count is 1);
        var between = follower.Positions.OrderBy(position => position.Key).ToList();

        await GrantAsync("wide", "calls > 3");
        await follower.ReadUntilAsync(() => follower.Backfills.Count is 1);
        await PushAsync("second", calls: 5);
        await PushAsync("third", calls: 5);
        await follower.ReadUntilAsync(() => follower.Changes.Count is 3);
        follower.Dispose();
        await city.EventsAsync("read-completed", "CANCELLED", TimeSpan.FromSeconds(30));

        var entries = await EntriesAsync();
        Assert.Single(follower.Starts);
        Assert.Equal(["2 CANCELLED ", "1 OK PLAN_CHANGED"], entries.Select(entry => $"{entry.Rows} {entry.Outcome} {entry.Reason}"));
        Assert.Equal([follower.Backfills[0].Revision, follower.Starts[0].Revision], entries.Select(entry => entry.GovernancePosition));
        Assert.All(entries, entry => Assert.Equal("phone", Assert.Single(entry.Masks).Field));
        Assert.Equal(Places(follower.Starts[0].From.Select(from => KeyValuePair.Create(from.Partition, from.After))), Places(entries[1].BeginPositions));
        Assert.Equal(Places(between), Places(entries[1].EndPositions));
        Assert.Equal(Places(between), Places(entries[0].BeginPositions));
        Assert.Equal(Places(follower.Positions), Places(entries[0].EndPositions));
    }

    [Fact]
    public async Task A_plan_under_which_nothing_is_sent_leaves_no_intent()
    {
        await PushAsync("earlier", calls: 1);
        using var follower = await Follower.BeginAsync(city.FeedOf(City.Archive), Request());

        await GrantAsync("narrow", "calls > 7");
        await follower.ReadUntilAsync(() => follower.Backfills.Count is 1);
        await GrantAsync("wide", "calls > 3");
        await GrantAsync("wider", "calls > 1");
        await follower.ReadUntilAsync(() => follower.Backfills[^1].Revision == city.State.Position);
        await PushAsync("seen", calls: 2);
        await follower.ReadUntilAsync(() => follower.Changes.Count is 1);

        Assert.Equal(
            [city.State.Position, follower.Starts[1].Revision, follower.Starts[0].Revision], (await EntriesAsync()).Select(entry => entry.GovernancePosition));
    }

    private static FollowRequest Request() => new() { Resource = "resources/complaint", Purpose = Purpose.Regulation, Fields = { "title", "phone" } };

    private static string Places(IEnumerable<KeyValuePair<int, long>> positions) =>
        string.Join(' ', positions.OrderBy(position => position.Key).Select(position => $"{position.Key}:{position.Value}"));

    private static string Places(IEnumerable<PartitionPosition> positions) => Places(positions.Select(place => KeyValuePair.Create(place.Partition, place.Position)));

    private async Task<IReadOnlyList<AuditEntry>> EntriesAsync()
    {
        var auditor = await city.Hub.RegisterAsync("supervision", "supervision-auditor", Role.Auditor);
        return (await new AuditService.AuditServiceClient(auditor.Invoker).ListAuditEntriesAsync(new ListAuditEntriesRequest())).Entries;
    }

    private Task GrantAsync(string id, string rowFilter) => city.HappenAsync(
        new GovernanceEvent.GrantIssued(City.GrantTo(City.Archive, City.Centre, id, "phone") with { RowFilter = rowFilter }));

    private Task<PushReceipt> PushAsync(string sourceId, int calls) => city.PushAsync(
        City.Centre, city.Header(City.Centre, "title", "phone", "calls"), Own(sourceId, Text("a"), Text("13800001111"), new Value { Integer = calls }));
}
