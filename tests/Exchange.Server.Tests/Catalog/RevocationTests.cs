using Exchange.Protos.V1;
using Exchange.Server.Tests.Feed;
using Exchange.Server.Tests.Governance;
using Exchange.Server.Tests.Records;
using Grpc.Core;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Catalog;

public sealed class RevocationTests : IAsyncLifetime
{
    private readonly CityHub city = new();

    public ValueTask InitializeAsync() => city.InitializeAsync();

    public ValueTask DisposeAsync() => city.DisposeAsync();

    [Fact]
    public async Task A_revoked_resource_is_neither_pushed_nor_read_and_its_open_streams_end_on_every_node()
    {
        var node = await city.Hub.StartSecondNodeAsync();
        await city.PushAsync(City.Centre, city.Header(City.Centre, "title"), Own("before", Text("lamp")));
        using var here = await FollowAsync(city.Hub);
        using var there = await FollowAsync(node);
        var (endingHere, endingThere) = (here.ReadToEndAsync(), there.ReadToEndAsync());
        using var steward = await city.Hub.RegisterAsync(City.Centre.Department.Value, "centre-steward", Role.Steward);
        var drafts = GovernanceHub.DraftsOf(steward);

        var asked = await drafts.RequestResourceRevocationAsync(new() { Name = "resources/complaint", Reason = "its duty moved" });
        var waiting = await drafts.ListResourceRevocationsAsync(new());
        var byAsker = await TestStatus.RefusalOf(async () => await drafts.ReviewResourceRevocationAsync(new() { Name = "resources/complaint", Etag = asked.Etag, Verdict = ReviewVerdict.Approve }));
        var revoked = await GovernanceHub.DraftsOf(city.Hub.Operator).ReviewResourceRevocationAsync(new() { Name = "resources/complaint", Etag = asked.Etag, Verdict = ReviewVerdict.Approve });

        Assert.Equal(("its duty moved", "centre-steward", ResourceState.Revoked), (asked.Reason, asked.Requester, revoked.State));
        Assert.Equal(asked, Assert.Single(waiting.Revocations));
        Assert.Equal((StatusCode.PermissionDenied, "FOUR_EYES"), byAsker);
        foreach (var end in new[] { await endingHere, await endingThere })
        {
            Assert.Equal((StatusCode.NotFound, "RESOURCE_REVOKED"), (end.StatusCode, end.Reason()));
        }

        var push = await TestStatus.RefusalOf(() => city.PushAsync(City.Centre, city.Header(City.Centre, "title"), Own("after", Text("lamp"))));
        var read = await TestStatus.RefusalOf(async () => await new AccessService.AccessServiceClient(city.ClientOf(City.Archive).Invoker)
            .GetAccessPlanAsync(new() { Resource = "resources/complaint", Purpose = Purpose.Analysis }));
        Assert.Equal((StatusCode.NotFound, "RESOURCE_REVOKED"), push);
        Assert.Equal((StatusCode.NotFound, "RESOURCE_REVOKED"), read);
        Assert.Equal(ResourceState.Revoked, (await GovernanceHub.CatalogOf(steward).GetResourceAsync(new() { Name = "resources/complaint" })).State);
    }

    private Task<Follower> FollowAsync(TestHub node) => Follower.BeginAsync(
        new FeedService.FeedServiceClient(city.ClientOf(City.Archive).InvokerOn(node)), new FollowRequest { Resource = "resources/complaint", Purpose = Purpose.Regulation, Fields = { "title" } });
}
