using Exchange.Protos.V1;
using Exchange.Server.Grpc.Room;
using Exchange.Server.Records.Push;
using Grpc.Core;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Records.Push;

public sealed class UnreadReceiptTests(PushFixture fixture) : IClassFixture<PushFixture>
{
    private const int Batches = 200;

    [Fact]
    public async Task A_client_that_reads_no_receipts_is_not_read_from_for_ever()
    {
        var requests = new Requests(fixture.Header(City.Centre, "title"));
        const long Room = 1L << 20;
        var budget = new RequestBudget(Room);
        var (isRoomBack, takenMeanwhile) = (false, 0);
        var responses = new Responses(requests.AllTaken, () =>
        {
            takenMeanwhile = requests.Taken;
            isRoomBack = budget.TryTake(City.Centre.Client, Room);
            budget.Return(City.Centre.Client, isRoomBack ? Room : 0);
        });
        using var stream = new PushStream(fixture.Pusher, City.Centre, responses, budget);

        await stream.RunAsync(requests, CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(2));

        Assert.False(responses.AllTakenBeforeTheFirst, "the hub kept every receipt for a client that took none");
        Assert.Equal(Batches, responses.Written);
        Assert.True(isRoomBack, "batches that were stored still took room from others");

        // One receipt is being written, the others wait or keep their batches' places; no batch is read beside them, where nothing counts it.
        Assert.Equal(1 + PushStream.MostUnread + PushStream.MostInFlight, takenMeanwhile);
    }

    [Fact]
    public async Task A_stream_ends_with_a_time_to_come_again_when_as_many_of_its_clients_batches_wait_as_may()
    {
        const long Room = 4L << 20;
        var budget = new RequestBudget(Room);
        Assert.True(budget.TryTake(City.Grid.Client, Room));
        var waiting = budget.TakeAsync(City.Centre.Client, Room, CancellationToken.None);
        using var stream = new PushStream(fixture.Pusher, City.Centre, new Responses(Task.CompletedTask, () => { }), budget);

        var refusal = await Assert.ThrowsAsync<RpcException>(
            () => stream.RunAsync(new Requests(fixture.Header(City.Centre, "title")), CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(2)));
        budget.Return(City.Grid.Client, Room);

        Assert.Equal((StatusCode.ResourceExhausted, "LOAD_SHED"), (refusal.StatusCode, refusal.Reason()));
        Assert.True(await waiting.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Equal([(City.Centre.Client, Room, 0)], budget.Holders);
    }

    /// <summary>The header, then batches as fast as they are taken.</summary>
    private sealed class Requests(PushHeader header) : IAsyncStreamReader<PushFrame>
    {
        private readonly TaskCompletionSource allTaken = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int taken = -1;

        public Task AllTaken => allTaken.Task;

        /// <summary>Batches that were asked for and given.</summary>
        public int Taken => Math.Min(taken, Batches);

        public PushFrame Current => PushFrame.Of(taken is 0
            ? new PushRequest { Header = header }
            : new PushRequest { Batch = new PushedBatch { Sequence = taken, Records = { Own($"unread-{taken}", Text("a")) } } });

        public Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            if (++taken <= Batches)
            {
                return Task.FromResult(true);
            }

            allTaken.TrySetResult();
            return Task.FromResult(false);
        }
    }

    /// <summary>Takes no receipt until all batches are taken, or are seen not to be.</summary>
    private sealed class Responses(Task allTaken, Action look) : IServerStreamWriter<PushedReceipt>
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

        public WriteOptions? WriteOptions { get; set; }

        public int Written { get; private set; }

        public bool AllTakenBeforeTheFirst { get; private set; }

        public async Task WriteAsync(PushedReceipt message)
        {
            if (Written++ is 0)
            {
                AllTakenBeforeTheFirst = await Task.WhenAny(allTaken, Task.Delay(Patience)) == allTaken;
                look();
            }
        }

        // The interface's own form with a token refuses tokens.
        public Task WriteAsync(PushedReceipt message, CancellationToken cancellationToken) => WriteAsync(message);
    }
}
