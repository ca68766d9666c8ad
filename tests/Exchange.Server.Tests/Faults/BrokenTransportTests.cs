using Exchange.Clients.Records;
using Exchange.Protos.V1;
using Exchange.Server.Tests.Clients;

namespace Exchange.Server.Tests.Faults;

/// <summary>The client library on a connection that breaks in a way that only the writing side hears of.</summary>
public sealed class BrokenTransportTests
{
    [Fact]
    public async Task A_push_goes_on_when_only_its_writing_side_learns_that_the_connection_broke()
    {
        await using var hub = await ClientHub.StartAsync("broken_transport");
        var hotline = await hub.RegisterAsync("hotline", options: options => options with { HandlerFactory = () => new BreakingHandler() });
        var outcomes = new List<RecordOutcome>();
        await using var session = hotline.Records.OpenPush<int>(Tickets.Header("broken"), new PushOptions { BatchRecords = 2 }, (_, receipt) =>
        {
            outcomes.AddRange(receipt.Results.Select(result => result.Outcome));
            return ValueTask.CompletedTask;
        });

        for (var number = 1; number <= 6; number++)
        {
            await session.AddAsync(Tickets.Ticket(number), number, TestContext.Current.CancellationToken);
        }

        await session.CompleteAsync(TestContext.Current.CancellationToken);

        Assert.Equal(2, session.Connections);
        Assert.Equal(Enumerable.Repeat(RecordOutcome.Accepted, 6), outcomes);
    }

    /// <summary>Carries everything but the first push stream: its writes fail, and its answer never comes.</summary>
    private sealed class BreakingHandler() : DelegatingHandler(new SocketsHttpHandler())
    {
        private int pushes;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri!.AbsolutePath.EndsWith("/Push", StringComparison.Ordinal) && Interlocked.Increment(ref pushes) is 1)
            {
                _ = request.Content!.CopyToAsync(new BrokenStream(), cancellationToken);
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            return await base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class BrokenStream : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.FromException(new HttpIOException(HttpRequestError.ResponseEnded, "the response ended prematurely"));
    }
}
