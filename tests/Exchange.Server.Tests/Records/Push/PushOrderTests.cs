using Exchange.Protos.V1;
using Exchange.Server.Grpc.Room;
using Exchange.Server.Records.Push;
using Grpc.Core;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Records.Push;

public sealed class PushOrderTests(PushFixture fixture) : IClassFixture<PushFixture>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_batch_does_not_overtake_an_earlier_one_of_its_record_that_fails_late()
    {
        var header = fixture.Header(City.Centre, "title");
        await fixture.PushAsync(City.Centre, fixture.Header(City.Centre, "title"), Own("kept", Text("before")));
        await fixture.PushAsync(City.Centre, header, Own("elsewhere", Text("first content of sequence 1")));
        var requests = new Requests(
            new PushRequest { Header = header },
            Batch(1, Own("kept", Text("older"))),
            Batch(2, Own("kept", Text("newer"))),
            Batch(3, Own("kept", Text("newest"))));

        var refused = await PushWhileAppendsWaitAsync(requests);

        Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);
        Assert.Equal("before", await fixture.ScalarAsync<string>("SELECT title FROM subject.complaint WHERE source_id = 'kept'"));
    }

    [Fact]
    public async Task A_batch_of_other_records_is_under_way_beside_one_that_fails()
    {
        var header = fixture.Header(City.Centre, "title");
        await fixture.PushAsync(City.Centre, header, Own("elsewhere-2", Text("first content of sequence 1")));
        var requests = new Requests(
            new PushRequest { Header = header },
            Batch(1, Own("failing", Text("a"))),
            Batch(2, Own("beside", Text("stored all the same"))));

        await PushWhileAppendsWaitAsync(requests);

        Assert.Equal("stored all the same", await fixture.ScalarAsync<string>("SELECT title FROM subject.complaint WHERE source_id = 'beside'"));
    }

    // Appends wait until the hub has taken every batch, so that all that may be under way at once is.
    private async Task<RpcException> PushWhileAppendsWaitAsync(Requests requests)
    {
        using var stream = new PushStream(fixture.Pusher, City.Centre, new Responses(), new RequestBudget(32L << 20));
        await using var connection = await fixture.Database.OpenConnectionAsync();
        await using var holding = await connection.BeginTransactionAsync();
        await using (var hold = connection.CreateCommand())
        {
            hold.CommandText = "SELECT 1 FROM log.log_partition ORDER BY partition FOR UPDATE";
            await hold.ExecuteNonQueryAsync();
        }

        var pushing = stream.RunAsync(requests, CancellationToken.None);
        await requests.AllTaken.WaitAsync(Deadline);
        await holding.RollbackAsync();
        return await Assert.ThrowsAsync<RpcException>(() => pushing.WaitAsync(Deadline));
    }

    private static PushRequest Batch(long sequence, params PushedRecord[] records) =>
        new() { Batch = new PushedBatch { Sequence = sequence, Records = { records } } };

    private sealed class Requests(params PushRequest[] messages) : IAsyncStreamReader<PushFrame>
    {
        private readonly TaskCompletionSource allTaken = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int place = -1;

        public Task AllTaken => allTaken.Task;

        public PushFrame Current => PushFrame.Of(messages[place]);

        public Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            if (++place < messages.Length)
            {
                return Task.FromResult(true);
            }

            allTaken.TrySetResult();
            return Task.FromResult(false);
        }
    }

    private sealed class Responses : IServerStreamWriter<PushedReceipt>
    {
        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(PushedReceipt message) => Task.CompletedTask;

        // The interface's own form with a token refuses tokens.
        public Task WriteAsync(PushedReceipt message, CancellationToken cancellationToken) => WriteAsync(message);
    }
}
