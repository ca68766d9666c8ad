using Exchange.Clients;
using Exchange.Clients.Export;
using Exchange.Clients.Feed;
using Exchange.Protos.V1;
using Grpc.Core;

namespace Exchange.Server.Tests.Clients;

public sealed class PullStreamTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pull_goes_on_after_a_restart_of_the_hub_without_loss_or_doubles()
    {
        const int Count = 6000;
        await using var hub = await ClientHub.StartAsync("client_pull_restart");
        await Tickets.PushAsync(await hub.RegisterAsync("hotline"), "p", Enumerable.Range(1, Count), new string('漏', 200));
        var supervision = await hub.RegisterAsync("supervision-office");
        await using var stream = await supervision.Records.PullAsync(new PullRequest { Resource = Tickets.Resource, Purpose = Purpose.Regulation }, Cancellation);
        var seen = new List<string>();

        await foreach (var batch in stream.WithCancellation(Cancellation))
        {
            if (seen.Count == 0)
            {
                await hub.Hub.RestartAsync();
            }

            seen.AddRange(batch.Rows.Select(r => ValueText.RecordId(r.RecordId)));
        }

        Assert.Equal(2, stream.Connections);
        Assert.Equal((Count, Count, Count), (seen.Count, seen.Distinct().Count(), (int)stream.Rows));
    }

    [Fact]
    public async Task A_limit_holds_and_following_from_the_pulls_checkpoint_leaves_no_hole()
    {
        await using var hub = await ClientHub.StartAsync("client_pull_follow");
        var hotline = await hub.RegisterAsync("hotline");
        var supervision = await hub.RegisterAsync("supervision-office");
        await Tickets.PushAsync(hotline, "p", Enumerable.Range(1, 50));
        await using var limited = await supervision.Records.PullAsync(new PullRequest { Resource = Tickets.Resource, Purpose = Purpose.Regulation, Limit = 7 }, Cancellation);
        await using var whole = await supervision.Records.PullAsync(new PullRequest { Resource = Tickets.Resource, Purpose = Purpose.Regulation }, Cancellation);
        await Tickets.PushAsync(hotline, "q", Enumerable.Range(51, 20));
        var seen = new HashSet<string>();
        await foreach (var batch in whole.WithCancellation(Cancellation))
        {
            seen.UnionWith(batch.Rows.Select(r => ValueText.RecordId(r.RecordId)));
        }

        await foreach (var _ in limited.WithCancellation(Cancellation))
        {
        }

        var store = new MemoryCheckpointStore();
        await store.SaveAsync(new StoredCheckpoint(whole.Checkpoint, new Dictionary<int, long>()), Cancellation);
        await using var follow = await supervision.Feed.FollowAsync(new FollowRequest { Resource = Tickets.Resource, Purpose = Purpose.Regulation }, store, Cancellation);
        await foreach (var message in follow.WithCancellation(Cancellation))
        {
            seen.UnionWith(message.Batch?.Changes.Select(c => ValueText.RecordId(c.RecordId)) ?? []);
            if (seen.Count == 70)
            {
                break;
            }
        }

        Assert.Equal(7, limited.Rows);
        Assert.Equal(70, seen.Count);
        Assert.True(follow.Coverage.IsContiguous);
    }

    [Fact]
    public async Task A_refused_read_says_why_and_what_to_do()
    {
        await using var hub = await ClientHub.StartAsync("client_pull_refused");
        var housing = await hub.RegisterAsync("housing");

        var field = await Assert.ThrowsAsync<ExchangeException>(() => housing.Records.PullAsync(new PullRequest { Resource = Tickets.Resource, Fields = { "location" }, Purpose = Purpose.GovService }, Cancellation));
        var filter = await Assert.ThrowsAsync<ExchangeException>(() => housing.Records.PullAsync(new PullRequest { Resource = Tickets.Resource, Filter = "titel = \"x\"", Purpose = Purpose.GovService }, Cancellation));

        Assert.Equal(StatusCode.PermissionDenied, field.Code);
        Assert.Contains("grid-centre", field.NextStep ?? field.Message + string.Concat(field.Violations.Select(v => v.Message)));
        Assert.Equal(StatusCode.InvalidArgument, filter.Code);
        Assert.Contains(filter.Violations, v => v.Reason == "UNKNOWN_FIELD");
    }
}
