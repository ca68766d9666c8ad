using Exchange.Clients;
using Exchange.Clients.Feed;
using Exchange.Clients.Records;
using Exchange.Protos.V1;
using Grpc.Core;
using Record = Exchange.Protos.V1.Record;

namespace Exchange.Server.Tests.Clients.Scripted;

/// <summary>Calls that take too long, and calls that their caller cancels: two things, whoever notices first.</summary>
public sealed class DeadlineTests
{
    private static readonly GetRecordRequest _request = new() { Name = "resources/complaint/records/1" };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_call_that_the_hub_gives_up_says_so_with_the_hubs_reason()
    {
        await using var hub = await ScriptedHub.StartAsync();
        hub.Get = (_, _) => throw ScriptedHub.Refusal(StatusCode.DeadlineExceeded, "DEADLINE_EXCEEDED");

        var late = await Assert.ThrowsAsync<ExchangeException>(() => hub.Connect().Records.GetAsync(_request, Cancellation));

        Assert.Equal((StatusCode.DeadlineExceeded, "DEADLINE_EXCEEDED"), (late.Code, late.Reason));
    }

    [Fact]
    public async Task A_hub_that_does_not_answer_in_time_is_a_deadline_and_no_cancellation()
    {
        await using var hub = await ScriptedHub.StartAsync();
        hub.Get = NeverAsync;
        var client = hub.Connect(options => options with { CallTimeout = TimeSpan.FromMilliseconds(300) });

        var late = await Assert.ThrowsAsync<ExchangeException>(() => client.Records.GetAsync(_request, Cancellation));

        Assert.Equal(StatusCode.DeadlineExceeded, late.Code);
    }

    [Fact]
    public async Task The_hub_learns_the_deadline_of_a_call_and_none_where_it_is_to_decide()
    {
        await using var hub = await ScriptedHub.StartAsync();
        var deadlines = new List<string?>();
        hub.Get = (_, context) =>
        {
            deadlines.Add(context.Deadline == DateTime.MaxValue ? null : "stated");
            return Task.FromResult(new Record());
        };

        await hub.Connect().Records.GetAsync(_request, Cancellation);
        await hub.Connect(options => options with { CallTimeout = Timeout.InfiniteTimeSpan }).Records.GetAsync(_request, Cancellation);

        Assert.Equal(["stated", null], deadlines);
    }

    [Fact]
    public async Task A_stream_that_the_hub_gives_up_says_so_too()
    {
        await using var hub = await ScriptedHub.StartAsync();
        hub.Push = (_, _, _) => throw ScriptedHub.Refusal(StatusCode.DeadlineExceeded, "DEADLINE_EXCEEDED");
        hub.Pull = (_, _, _) => throw ScriptedHub.Refusal(StatusCode.DeadlineExceeded, "DEADLINE_EXCEEDED");
        hub.Follow = (_, _, _) => throw ScriptedHub.Refusal(StatusCode.DeadlineExceeded, "DEADLINE_EXCEEDED");
        var client = hub.Connect(options => options with { RetryFor = TimeSpan.FromSeconds(1) });

        ExchangeException[] late =
        [
            await Assert.ThrowsAsync<ExchangeException>(() => Tickets.PushAsync(client, "p", [1])),
            await Assert.ThrowsAsync<ExchangeException>(() => client.Records.PullAsync(new PullRequest(), Cancellation)),
            await Assert.ThrowsAsync<ExchangeException>(() => client.Feed.FollowAsync(new FollowRequest(), new MemoryCheckpointStore(), Cancellation)),
        ];

        Assert.All(late, e => Assert.Equal((StatusCode.DeadlineExceeded, "DEADLINE_EXCEEDED"), (e.Code, e.Reason)));
    }

    [Fact]
    public async Task What_the_caller_cancels_is_a_cancellation_in_calls_and_streams()
    {
        await using var hub = await ScriptedHub.StartAsync();
        using var arrived = new SemaphoreSlim(0);
        hub.Get = (request, context) => Arrived(NeverAsync(request, context));
        hub.Pull = (_, _, context) => Arrived(ForeverAsync(context));
        hub.Follow = (_, _, context) => Arrived(ForeverAsync(context));
        hub.Push = (_, _, context) => Arrived(ForeverAsync(context));
        var client = hub.Connect();
        Func<CancellationToken, Task>[] calls =
        [
            token => client.Records.GetAsync(_request, token),
            token => client.Records.PullAsync(new PullRequest(), token),
            token => client.Feed.FollowAsync(new FollowRequest(), new MemoryCheckpointStore(), token),
            async token =>
            {
                await using var session = client.Records.OpenPush<int>(Tickets.Header("p"), new PushOptions(), (_, _) => ValueTask.CompletedTask);
                await session.AddAsync(Tickets.Ticket(1), 1, token);
                await session.CompleteAsync(token);
            },
        ];

        foreach (var call in calls)
        {
            using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            var running = call(cancel.Token);
            Assert.True(await arrived.WaitAsync(TimeSpan.FromSeconds(30), Cancellation));
            await cancel.CancelAsync();

            var thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
            Assert.Equal(cancel.Token, thrown.CancellationToken);
        }

        T Arrived<T>(T task)
        {
            arrived.Release();
            return task;
        }
    }

    [Fact]
    public async Task A_call_that_something_on_the_way_cancelled_is_tried_again()
    {
        await using var hub = await ScriptedHub.StartAsync();
        var calls = 0;
        hub.Get = (_, _) => ++calls is 1 ? throw new RpcException(new Status(StatusCode.Cancelled, "")) : Task.FromResult(new Record { Name = "found" });

        Assert.Equal("found", (await hub.Connect().Records.GetAsync(_request, Cancellation)).Name);
    }

    private static async Task<Record> NeverAsync(GetRecordRequest request, ServerCallContext context)
    {
        await ForeverAsync(context);
        return new Record();
    }

    private static Task ForeverAsync(ServerCallContext context) => Task.Delay(Timeout.Infinite, context.CancellationToken);
}
