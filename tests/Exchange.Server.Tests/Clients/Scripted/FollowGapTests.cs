using Exchange.Clients.Feed;
using Exchange.Protos.V1;
using Grpc.Core;

namespace Exchange.Server.Tests.Clients.Scripted;

/// <summary>What a follower stores, and where it goes on, when a batch was lost or the hub announces something.</summary>
public sealed class FollowGapTests
{
    private readonly MemoryCheckpointStore _store = new();
    private readonly List<string> _checkpoints = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_behind_a_gap_is_stored_and_the_stream_goes_on_before_it()
    {
        await using var hub = await ScriptedHub.StartAsync();
        hub.Follow = (request, responses, context) => _checkpoints.Count is 0
            ? SendAsync(request, responses, context, Start("c0", 0), Batch("c1", 0, 1), Batch("c3", 2, 3), Batch("c4", 3, 4))
            : SendAsync(request, responses, context, Start("c1", 1), Batch("c4", 1, 4));
        await using (var robbed = await FollowAsync(hub))
        {
            var seen = await ReadAsync(robbed, 6);

            Assert.Equal(["c0", "c1", "c3", "c4", "c1", "c4"], seen);
            Assert.Equal([new CoverageProof.Gap(1, 1, 2)], robbed.Coverage.Gaps);
            await robbed.CommitAsync(Cancellation);
        }

        Assert.Equal(("c1", 1L), (_store.Stored!.Checkpoint, _store.Stored.Through[1]));
        await using var next = await FollowAsync(hub);
        await ReadAsync(next, 2);
        await next.CommitAsync(Cancellation);

        Assert.Equal(["", "c1", "c1"], _checkpoints);
        Assert.True(next.Coverage.IsContiguous);
        Assert.Equal(("c4", 4L), (_store.Stored!.Checkpoint, _store.Stored.Through[1]));
    }

    [Fact]
    public async Task A_start_behind_the_stored_place_is_a_gap_and_the_stored_place_stays()
    {
        await using var hub = await ScriptedHub.StartAsync();
        hub.Follow = (request, responses, context) => SendAsync(request, responses, context, Start("c7", 7), Batch("c8", 7, 8));
        await _store.SaveAsync(new StoredCheckpoint("c5", new Dictionary<int, long> { [1] = 5 }), Cancellation);
        await using var stream = await FollowAsync(hub);

        await ReadAsync(stream, 2);
        await stream.CommitAsync(Cancellation);

        Assert.False(stream.Coverage.IsContiguous);
        Assert.Equal(("c5", 5L), (_store.Stored!.Checkpoint, _store.Stored.Through[1]));
    }

    [Fact]
    public async Task A_backfill_right_after_the_start_is_handed_on_and_comes_again_until_a_later_batch_is_done_with()
    {
        await using var hub = await ScriptedHub.StartAsync();
        var backfill = new FollowResponse { Backfill = new Backfill { Revision = 9, Ranges = { Range(0, 5) } } };
        hub.Follow = (request, responses, context) => _checkpoints.Count is 0
            ? SendAsync(request, responses, context, Start("c5", 5), backfill)
            : SendAsync(request, responses, context, Start("c5", 5), backfill, Batch("c6", 5, 6), Batch("c7", 6, 7));
        await _store.SaveAsync(new StoredCheckpoint("c5", new Dictionary<int, long> { [1] = 5 }), Cancellation);
        await using var stream = await FollowAsync(hub);
        var messages = new List<(FollowResponse.MessageOneofCase, string)>();

        await foreach (var message in stream.WithCancellation(Cancellation))
        {
            messages.Add((message.MessageCase, _store.Stored!.Checkpoint));
            if (message.Batch?.Checkpoint is "c7")
            {
                break;
            }
        }

        Assert.Equal(
            [
                (FollowResponse.MessageOneofCase.Start, "c5"), (FollowResponse.MessageOneofCase.Backfill, "c5"),
                (FollowResponse.MessageOneofCase.Start, "c5"), (FollowResponse.MessageOneofCase.Backfill, "c5"),
                (FollowResponse.MessageOneofCase.Batch, "c5"), (FollowResponse.MessageOneofCase.Batch, "c6"),
            ],
            messages);
        Assert.Equal(["c5", "c5"], _checkpoints);
        Assert.True(stream.Coverage.IsContiguous);
    }

    private async Task SendAsync(FollowRequest request, IServerStreamWriter<FollowResponse> responses, ServerCallContext context, params FollowResponse[] messages)
    {
        _checkpoints.Add(request.Checkpoint);
        foreach (var message in messages)
        {
            await responses.WriteAsync(message, context.CancellationToken);
        }

        throw ScriptedHub.Refusal(StatusCode.Unavailable, "SHUTTING_DOWN");
    }

    private Task<FollowStream> FollowAsync(ScriptedHub hub) => hub.Connect().Feed.FollowAsync(new FollowRequest { Resource = Tickets.Resource }, _store, Cancellation);

    private static async Task<List<string>> ReadAsync(FollowStream stream, int count)
    {
        var checkpoints = new List<string>();
        await foreach (var message in stream.WithCancellation(Cancellation))
        {
            checkpoints.Add(message.Start?.Checkpoint ?? message.Batch.Checkpoint);
            if (checkpoints.Count == count)
            {
                break;
            }
        }

        return checkpoints;
    }

    private static FollowResponse Start(string checkpoint, long at) => new() { Start = new FollowStart { Checkpoint = checkpoint, From = { Range(at, at) } } };

    private static FollowResponse Batch(string checkpoint, long after, long through) => new() { Batch = new FeedBatch { Checkpoint = checkpoint, Coverage = { Range(after, through) } } };

    private static Coverage Range(long after, long through) => new() { Partition = 1, After = after, Through = through };
}
