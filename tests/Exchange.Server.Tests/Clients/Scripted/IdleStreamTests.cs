using Exchange.Clients;
using Exchange.Clients.Feed;
using Exchange.Clients.Records;
using Exchange.Protos.V1;
using Exchange.Testing;
using Grpc.Core;

namespace Exchange.Server.Tests.Clients.Scripted;

/// <summary>Streams on which nothing happens for longer than the client has patience with a hub that is away.</summary>
public sealed class IdleStreamTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly SteppedTime _time = new();

    [Fact]
    public async Task A_push_that_idles_over_the_end_of_its_tokens_goes_on()
    {
        await using var hub = await ScriptedHub.StartAsync();
        using var begun = new SemaphoreSlim(0);
        using var expire = new SemaphoreSlim(0);
        var tokens = new List<string>();
        hub.Push = async (requests, responses, context) =>
        {
            tokens.Add(ScriptedHub.TokenOf(context));
            await requests.MoveNext(context.CancellationToken);
            begun.Release();
            if (tokens.Count < 4)
            {
                await expire.WaitAsync(context.CancellationToken);
                throw ScriptedHub.Refusal(StatusCode.Unauthenticated, "TOKEN_EXPIRED");
            }

            await ScriptedHub.AcceptAllAsync(requests, responses, context);
        };
        var accepted = 0;
        await using var session = Connect(hub).Records.OpenPush<int>(Tickets.Header("idle"), new PushOptions(), (items, _) =>
        {
            accepted += items.Count;
            return ValueTask.CompletedTask;
        });

        for (var expiry = 0; expiry < 3; expiry++)
        {
            Assert.True(await begun.WaitAsync(_patience, TestContext.Current.CancellationToken));
            _time.Advance(TimeSpan.FromHours(1));
            expire.Release();
        }

        await session.AddAsync(Tickets.Ticket(1), 1, TestContext.Current.CancellationToken);
        await session.CompleteAsync(TestContext.Current.CancellationToken);

        Assert.Equal(1, accepted);
        Assert.Equal(["token-1", "token-2", "token-3", "token-4"], tokens);
    }

    [Fact]
    public async Task A_follower_that_works_long_on_a_batch_goes_on_when_the_hub_restarted_meanwhile()
    {
        await using var hub = await ScriptedHub.StartAsync();
        var requests = new List<string>();
        hub.Follow = async (request, responses, context) =>
        {
            requests.Add(request.Checkpoint);
            await responses.WriteAsync(new FollowResponse { Start = new FollowStart { Checkpoint = "start", From = { At(0) } } }, context.CancellationToken);
            await responses.WriteAsync(new FollowResponse { Batch = new FeedBatch { Checkpoint = $"c{requests.Count}", Coverage = { Range(requests.Count - 1, requests.Count) } } }, context.CancellationToken);
            throw ScriptedHub.Refusal(StatusCode.Unavailable, "SHUTTING_DOWN");
        };
        await using var stream = await Connect(hub).Feed.FollowAsync(new FollowRequest { Resource = Tickets.Resource }, new MemoryCheckpointStore(), TestContext.Current.CancellationToken);

        await foreach (var message in stream.WithCancellation(TestContext.Current.CancellationToken))
        {
            _time.Advance(TimeSpan.FromHours(1));
            if (message.Batch?.Checkpoint is "c3")
            {
                break;
            }
        }

        Assert.Equal(["", "c1", "c2"], requests);
        Assert.True(stream.Coverage.IsContiguous);
    }

    private ExchangeClient Connect(ScriptedHub hub) => hub.Connect(options => options with { Time = _time, RetryFor = TimeSpan.FromSeconds(5) });

    private static Coverage At(long position) => new() { Partition = 1, After = position, Through = position };

    private static Coverage Range(long after, long through) => new() { Partition = 1, After = after, Through = through };
}
