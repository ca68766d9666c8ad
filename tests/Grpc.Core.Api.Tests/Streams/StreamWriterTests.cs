namespace Grpc.Core.Api.Tests.Streams;

public sealed class StreamWriterTests
{
    [Fact]
    public async Task A_token_that_cannot_be_cancelled_makes_a_plain_write()
    {
        var writer = new Plain();

        await ((IAsyncStreamWriter<string>)writer).WriteAsync("text", CancellationToken.None);

        Assert.Equal(["text"], writer.Messages);
    }

    [Fact]
    public async Task A_writer_that_cannot_cancel_refuses_a_token_that_can()
    {
        using var cancellation = new CancellationTokenSource();
        var writer = new Plain();

        await Assert.ThrowsAsync<NotSupportedException>(async () => await ((IAsyncStreamWriter<string>)writer).WriteAsync("text", cancellation.Token));

        Assert.Empty(writer.Messages);
    }

    private sealed class Plain : IServerStreamWriter<string>
    {
        internal List<string> Messages { get; } = [];

        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(string message)
        {
            Messages.Add(message);
            return Task.CompletedTask;
        }
    }
}
