namespace Grpc.Core.Api.Tests.Streams;

public sealed class StreamReaderTests
{
    [Fact]
    public async Task Reading_all_gives_every_message_in_order_and_ends()
    {
        var read = new List<string>();
        await foreach (var message in new Messages("a", "b", "c").ReadAllAsync(TestContext.Current.CancellationToken))
        {
            read.Add(message);
        }

        Assert.Equal(["a", "b", "c"], read);
    }

    [Fact]
    public async Task An_empty_stream_ends_at_once()
    {
        await foreach (var message in new Messages().ReadAllAsync(TestContext.Current.CancellationToken))
        {
            Assert.Fail($"`{message}` was never written");
        }
    }

    [Fact]
    public async Task Leaving_early_leaves_the_rest_unread()
    {
        var stream = new Messages("a", "b", "c");

        await foreach (var message in stream.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            if (message == "b")
            {
                break;
            }
        }

        Assert.Equal(2, stream.Moves);
        Assert.True(await stream.MoveNext());
        Assert.Equal("c", stream.Current);
    }

    [Fact]
    public async Task Cancelling_ends_a_read_that_waits()
    {
        using var cancellation = new CancellationTokenSource();
        var stream = new Messages("a") { WaitsAtEnd = true };
        var reading = Task.Run(
            async () =>
            {
                await foreach (var message in stream.ReadAllAsync(cancellation.Token))
                {
                    Assert.Equal("a", message);
                }
            },
            TestContext.Current.CancellationToken);
        await stream.Waiting.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    [Fact]
    public async Task The_token_of_the_loop_cancels_too()
    {
        using var cancellation = new CancellationTokenSource();
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in new Messages("a").ReadAllAsync().WithCancellation(cancellation.Token))
            {
                Assert.Fail("nothing is read after cancellation");
            }
        });
    }

    [Fact]
    public async Task The_status_of_a_broken_stream_comes_through()
    {
        var stream = new Messages("a") { BreaksAtEnd = true };
        var read = 0;

        var broken = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await foreach (var _ in stream.ReadAllAsync(TestContext.Current.CancellationToken))
            {
                read++;
            }
        });

        Assert.Equal(StatusCode.Unavailable, broken.StatusCode);
        Assert.Equal(1, read);
    }

    [Fact]
    public void A_null_stream_is_refused_before_the_first_message_is_asked_for()
    {
        Assert.Throws<ArgumentNullException>(() => ((IAsyncStreamReader<string>)null!).ReadAllAsync());
        Assert.Throws<ArgumentNullException>(() => { _ = ((IAsyncStreamReader<string>)null!).MoveNext(); });
    }

    [Fact]
    public async Task Moving_without_a_token_cannot_be_cancelled()
    {
        var stream = new Messages("a");

        Assert.True(await stream.MoveNext());

        Assert.False(stream.LastToken.CanBeCanceled);
    }

    private sealed class Messages(params string[] messages) : IAsyncStreamReader<string>
    {
        private int next;

        internal bool WaitsAtEnd { get; init; }

        internal bool BreaksAtEnd { get; init; }

        internal TaskCompletionSource Waiting { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal int Moves { get; private set; }

        internal CancellationToken LastToken { get; private set; }

        public string Current { get; private set; } = "";

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Moves++;
            LastToken = cancellationToken;
            if (next < messages.Length)
            {
                Current = messages[next++];
                return true;
            }

            if (BreaksAtEnd)
            {
                throw new RpcException(new Status(StatusCode.Unavailable, "cut"));
            }

            if (WaitsAtEnd)
            {
                Waiting.TrySetResult();
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            return false;
        }
    }
}
