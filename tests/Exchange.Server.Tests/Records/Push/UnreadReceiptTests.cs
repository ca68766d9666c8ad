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
        var isRoomBack = false;
        var responses = new Responses(requests.AllTaken, () =>
        {
            isRoomBack = budget.TryTake(City.Centre.Client, Room);
            budget.Return(City.Centre.Client, isRoomBack ? Room : 0);
        });
        using var stream = new PushStream(fixture.Pusher, City.Centre, responses, budget);

        await stream.RunAsync(requests, CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(2));

        Assert.False(responses.AllTakenBeforeTheFirst, "the hub kept every receipt for a client that took none");
        Assert.Equal(Batches, responses.Written);
        Assert.True(isRoomBack, "batches that were stored still took room from others");
    }

    /// <summary>The header, then batches as fast as they are taken.</summary>
    private sealed class Requests(PushHeader header) : IAsyncStreamReader<PushFrame>
    {
        private readonly TaskCompletionSource allTaken = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int taken = -1;

        public Task AllTaken => allTaken.Task;

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
