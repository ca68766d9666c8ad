using System.Diagnostics;
using Exchange.Protos.V1;
using Exchange.Server.Tests.Feed;
using Exchange.Server.Tests.Governance;
using Exchange.Server.Tests.Records;
using Google.Rpc;
using Grpc.Core;
using static Exchange.Server.Tests.Policies.Rows;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Policies;

public sealed class PolicyPromptnessTests : IAsyncLifetime
{
    private readonly CityHub city = new();

    public ValueTask InitializeAsync() => city.InitializeAsync();

    public ValueTask DisposeAsync() => city.DisposeAsync();

    [Fact]
    public async Task A_row_set_on_one_node_decides_on_the_other_within_a_second()
    {
        var other = await city.Hub.StartSecondNodeAsync();
        var access = new AccessService.AccessServiceClient(city.ClientOf(City.Archive).InvokerOn(other));
        Task<AccessPlan> Plan() => access.GetAccessPlanAsync(new GetAccessPlanRequest { Resource = "resources/complaint", Purpose = Purpose.Regulation }).ResponseAsync;
        var before = await Plan();

        await SetAsync(Row("no-titles", PolicyEffect.Deny, "departments/archive", "resources/complaint/fields/title"));
        var set = Stopwatch.StartNew();
        var after = await Plan();
        while (after.Revision == before.Revision)
        {
            after = await Plan();
        }

        Assert.True(set.Elapsed < TimeSpan.FromSeconds(5), $"{set.Elapsed}");
        Assert.True(before.Fields.Single(field => field.Field is "title").Rules[0].Allow);
        var deciding = after.Fields.Single(field => field.Field is "title").Rules[0];
        Assert.Equal((false, "", "no-titles"), (deciding.Allow, deciding.Condition, Assert.Single(deciding.Rules)));
    }

    [Fact]
    public async Task A_row_that_forbids_ends_open_streams_on_every_node_and_is_named()
    {
        var node = await city.Hub.StartSecondNodeAsync();
        using var here = await BeginAsync(city.Hub, "calls");
        using var there = await BeginAsync(node, "calls");
        using var undisturbed = await BeginAsync(node, "title");

        var (endingHere, endingThere) = (here.ReadToEndAsync(), there.ReadToEndAsync());
        await SetAsync(Row("no-calls", PolicyEffect.Deny, "levels/city", "resources/complaint/fields/calls"));

        foreach (var end in new[] { await endingHere, await endingThere })
        {
            Assert.Equal((StatusCode.PermissionDenied, "RIGHT_ENDED"), (end.StatusCode, end.Reason()));
            Assert.Equal("no-calls", end.Detail<ErrorInfo>()!.Metadata["rules"]);
        }

        await city.PushAsync(City.Centre, city.Header(City.Centre, "title"), Own("after-the-row", Text("goes on")));
        await undisturbed.ReadUntilAsync(() => undisturbed.Changes.Count is 1);
    }

    [Fact]
    public async Task A_row_that_permits_widens_an_open_stream_and_its_removal_narrows_it_again()
    {
        using var follower = await BeginAsync(city.Hub);
        Assert.DoesNotContain("grid_note", follower.Columns);

        await SetAsync(Row("notes-for-archive", PolicyEffect.Allow, "departments/archive", "resources/complaint/fields/grid_note").With(row => row.Mask = new Mask { Kind = MaskKind.Redact }));
        await follower.ReadUntilAsync(() => follower.Columns.Contains("grid_note"));
        await city.PushAsync(City.Centre, city.Header(City.Centre, "title"), Own("while-permitted", Text("lamp")));
        await city.PushAsync(City.Grid, city.Header(City.Grid, "grid_note"), OpenedAs("centre-desk", "while-permitted", Text("dark")));
        await follower.ReadUntilAsync(() => follower.Changes.Count is 2);
        var ending = follower.ReadToEndAsync();
        await city.Hub.RemoveRowAsync("notes-for-archive");
        var end = await ending;

        var shown = Assert.Single(follower.Records).Value["grid_note"].Text;
        Assert.DoesNotContain("dark", shown);
        Assert.NotEqual("", shown);
        Assert.Equal((StatusCode.PermissionDenied, "RIGHT_ENDED"), (end.StatusCode, end.Reason()));
        Assert.Equal("notes-for-archive", end.Detail<ErrorInfo>()!.Metadata["rules"]);
    }

    [Fact]
    public async Task A_row_that_is_replaced_by_one_with_a_tighter_mask_leaves_the_stream_open_and_is_put_on_from_a_stated_position()
    {
        var row = Row("notes-masked", PolicyEffect.Allow, "departments/archive", "resources/complaint/fields/grid_note").With(r => r.Mask = new Mask { Kind = MaskKind.ShowFirstN, Parameter = 3 });
        await SetAsync(row);
        using var follower = await BeginAsync(city.Hub, "title", "grid_note");
        await city.PushAsync(City.Centre, city.Header(City.Centre, "title"), Own("masked", Text("lamp")));

        await SetAsync(row.With(r => r.Mask = new Mask { Kind = MaskKind.ShowFirstN, Parameter = 1 }));
        await follower.ReadUntilAsync(() => follower.Starts.Count is 2);
        await city.PushAsync(City.Grid, city.Header(City.Grid, "grid_note"), OpenedAs("centre-desk", "masked", Text("behind the gate")));
        await follower.ReadUntilAsync(() => follower.Changes.Count is 2);

        Assert.True(follower.Starts[1].Revision > follower.Starts[0].Revision);
        Assert.NotEmpty(follower.Starts[1].Checkpoint);
        Assert.Equal("b＊", Assert.Single(follower.Records).Value["grid_note"].Text);
    }

    private async Task SetAsync(PolicyRow row) => await city.Hub.SetRowAsync(row);

    private Task<Follower> BeginAsync(TestHub node, params string[] fields) => Follower.BeginAsync(
        new FeedService.FeedServiceClient(city.ClientOf(City.Archive).InvokerOn(node)),
        new FollowRequest { Resource = "resources/complaint", Purpose = Purpose.Regulation, Fields = { fields } });
}
