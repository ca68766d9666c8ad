using Exchange.EventStore;
using Exchange.Protos.V1;
using Exchange.Server.Tests.Records;
using Google.Rpc;
using Grpc.Core;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Feed;

/// <summary>A store that was restored from a backup: positions after the backup mean other events now.</summary>
public sealed class GenerationChangeTests : IAsyncLifetime
{
    private readonly CityHub city = new();

    public async ValueTask InitializeAsync()
    {
        await city.InitializeAsync();
        foreach (var number in Enumerable.Range(0, 3))
        {
            await city.PushAsync(City.Centre, city.Header(City.Centre, "title"), Own($"{number}", Text("before the restore")));
        }
    }

    public ValueTask DisposeAsync() => city.DisposeAsync();

    [Fact]
    public async Task Where_a_reader_was_before_a_restore_is_refused_with_what_to_do_and_doing_it_works()
    {
        using var follower = await Follower.BeginAsync(city.FeedOf(City.Archive), Request());
        var pulled = await PullAsync("", limit: 1);

        // A hub that runs keeps the generation it began with.
        await StoreGeneration.RenewAsync(city.Hub.Options.ConnectionString!, CancellationToken.None);
        await city.Hub.RestartAsync();

        var ofFollow = await Assert.ThrowsAsync<RpcException>(() => FollowAsync(follower.Checkpoint));
        var ofPull = await Assert.ThrowsAsync<RpcException>(() => FollowAsync(pulled.Checkpoint));
        var page = await Assert.ThrowsAsync<RpcException>(() => PullAsync(pulled.PageToken));
        foreach (var refusal in new[] { ofFollow, ofPull, page })
        {
            Assert.Equal((StatusCode.FailedPrecondition, "CHECKPOINT_GENERATION"), (refusal.StatusCode, refusal.Detail<ErrorInfo>()?.Reason));
            Assert.Contains("restored", refusal.Status.Detail, StringComparison.Ordinal);
            Assert.Contains("pull again", refusal.Status.Detail, StringComparison.Ordinal);
        }

        var again = await PullAsync("");
        using var later = await FollowAsync(again.Checkpoint);
        await city.PushAsync(City.Centre, city.Header(City.Centre, "title"), Own("later", Text("after the restore")));
        await later.ReadUntilAsync(() => later.Changes.Count is 1);
    }

    private static FollowRequest Request() => new() { Resource = "resources/complaint", Purpose = Purpose.Regulation };

    private Task<Follower> FollowAsync(string checkpoint)
    {
        var request = Request();
        request.Checkpoint = checkpoint;
        return Follower.BeginAsync(city.FeedOf(City.Archive), request);
    }

    private async Task<(string Checkpoint, string PageToken)> PullAsync(string pageToken, long limit = 0)
    {
        var request = new PullRequest { Resource = "resources/complaint", Purpose = Purpose.Regulation, PageToken = pageToken, Limit = limit };
        using var call = city.RecordsOf(City.Archive).Pull(request);
        var (checkpoint, last) = ("", "");
        await foreach (var message in call.ResponseStream.ReadAllAsync())
        {
            (checkpoint, last) = (message.Start?.Checkpoint ?? checkpoint, message.Batch?.PageToken ?? last);
        }

        return (checkpoint, last);
    }
}
