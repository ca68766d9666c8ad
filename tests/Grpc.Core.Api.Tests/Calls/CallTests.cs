namespace Grpc.Core.Api.Tests.Calls;

/// <summary>The four call types answer through the delegates of the channel that made them.</summary>
public sealed class CallTests
{
    private static readonly Status Done = new(StatusCode.OK, "done");

    private readonly Metadata headers = [];
    private readonly Metadata trailers = [];
    private readonly object state = new();
    private readonly List<object> states = [];
    private int disposals;

    [Fact]
    public async Task A_unary_call_is_awaited_for_its_response()
    {
        using var call = Unary(Task.FromResult("response"));

        Assert.Equal("response", await call);
        Assert.Equal("response", await call.ConfigureAwait(false));
        Assert.Equal("response", await call.ResponseAsync);
        Assert.Same(headers, await call.ResponseHeadersAsync);
        Assert.Equal(Done, call.GetStatus());
        Assert.Same(trailers, call.GetTrailers());
    }

    [Fact]
    public async Task Awaiting_a_call_that_fails_throws_its_exception()
    {
        var refusal = new RpcException(new Status(StatusCode.PermissionDenied, "no"));
        using var call = Unary(Task.FromException<string>(refusal));

        Assert.Same(refusal, await Assert.ThrowsAsync<RpcException>(async () => await call));
        Assert.Same(refusal, await Assert.ThrowsAsync<RpcException>(async () => await call.ConfigureAwait(false)));
    }

    [Fact]
    public void A_call_that_has_not_ended_says_so_with_the_exception_of_its_channel()
    {
        using var call = new AsyncUnaryCall<string>(
            new TaskCompletionSource<string>().Task, Task.FromResult(headers),
            () => throw new InvalidOperationException("status"), () => throw new InvalidOperationException("trailers"), () => { });

        Assert.Equal("status", Assert.Throws<InvalidOperationException>(() => call.GetStatus()).Message);
        Assert.Equal("trailers", Assert.Throws<InvalidOperationException>(() => call.GetTrailers()).Message);
    }

    [Fact]
    public void Disposing_a_call_ends_it()
    {
        var unary = Unary(Task.FromResult(""));
        var up = new AsyncClientStreamingCall<string, string>(Writer.Instance, Task.FromResult(""), Task.FromResult(headers), () => Done, () => trailers, Dispose);
        var down = new AsyncServerStreamingCall<string>(Reader.Instance, Task.FromResult(headers), () => Done, () => trailers, Dispose);
        var both = new AsyncDuplexStreamingCall<string, string>(Writer.Instance, Reader.Instance, Task.FromResult(headers), () => Done, () => trailers, Dispose);

        unary.Dispose();
        up.Dispose();
        down.Dispose();
        both.Dispose();

        Assert.Equal(4, disposals);
    }

    [Fact]
    public async Task A_client_streaming_call_has_a_request_stream_and_a_response()
    {
        using var call = new AsyncClientStreamingCall<string, string>(
            Writer.Instance, Task.FromResult("response"), Task.FromResult(headers), () => Done, () => trailers, Dispose);

        Assert.Same(Writer.Instance, call.RequestStream);
        Assert.Equal("response", await call);
        Assert.Equal("response", await call.ConfigureAwait(false));
        Assert.Equal("response", await call.ResponseAsync);
        Assert.Same(headers, await call.ResponseHeadersAsync);
        Assert.Equal(Done, call.GetStatus());
        Assert.Same(trailers, call.GetTrailers());
    }

    [Fact]
    public async Task A_server_streaming_call_has_a_response_stream()
    {
        using var call = new AsyncServerStreamingCall<string>(Reader.Instance, Task.FromResult(headers), () => Done, () => trailers, Dispose);

        Assert.Same(Reader.Instance, call.ResponseStream);
        Assert.Same(headers, await call.ResponseHeadersAsync);
        Assert.Equal(Done, call.GetStatus());
        Assert.Same(trailers, call.GetTrailers());
    }

    [Fact]
    public async Task A_duplex_call_has_both_streams()
    {
        using var call = new AsyncDuplexStreamingCall<string, string>(
            Writer.Instance, Reader.Instance, Task.FromResult(headers), () => Done, () => trailers, Dispose);

        Assert.Same(Writer.Instance, call.RequestStream);
        Assert.Same(Reader.Instance, call.ResponseStream);
        Assert.Same(headers, await call.ResponseHeadersAsync);
        Assert.Equal(Done, call.GetStatus());
        Assert.Same(trailers, call.GetTrailers());
    }

    [Fact]
    public async Task Delegates_with_state_get_it_back_in_every_call_type()
    {
        var unary = new AsyncUnaryCall<string>(Task.FromResult("response"), Headers, GetStatus, Trailers, DisposeWith, state);
        var up = new AsyncClientStreamingCall<string, string>(Writer.Instance, Task.FromResult("response"), Headers, GetStatus, Trailers, DisposeWith, state);
        var down = new AsyncServerStreamingCall<string>(Reader.Instance, Headers, GetStatus, Trailers, DisposeWith, state);
        var both = new AsyncDuplexStreamingCall<string, string>(Writer.Instance, Reader.Instance, Headers, GetStatus, Trailers, DisposeWith, state);

        Assert.Equal(["response", "response"], [await unary, await up]);
        Assert.Equal([Writer.Instance, Writer.Instance], [up.RequestStream, both.RequestStream]);
        Assert.Equal([Reader.Instance, Reader.Instance], [down.ResponseStream, both.ResponseStream]);
        foreach (var found in new[] { await unary.ResponseHeadersAsync, await up.ResponseHeadersAsync, await down.ResponseHeadersAsync, await both.ResponseHeadersAsync })
        {
            Assert.Same(headers, found);
        }

        Assert.Equal([Done, Done, Done, Done], [unary.GetStatus(), up.GetStatus(), down.GetStatus(), both.GetStatus()]);
        foreach (var found in new[] { unary.GetTrailers(), up.GetTrailers(), down.GetTrailers(), both.GetTrailers() })
        {
            Assert.Same(trailers, found);
        }

        unary.Dispose();
        up.Dispose();
        down.Dispose();
        both.Dispose();
        Assert.Equal(16, states.Count);
        Assert.All(states, seen => Assert.Same(state, seen));
    }

    [Fact]
    public async Task Response_headers_are_asked_for_only_when_read()
    {
        using var call = new AsyncUnaryCall<string>(Task.FromResult(""), Headers, GetStatus, Trailers, DisposeWith, state);
        Assert.Empty(states);

        await call.ResponseHeadersAsync;

        Assert.Single(states);
    }

    private AsyncUnaryCall<string> Unary(Task<string> response) => new(response, Task.FromResult(headers), () => Done, () => trailers, Dispose);

    private void Dispose() => disposals++;

    private Task<Metadata> Headers(object given) => Task.FromResult(Seen(given, headers));

    private Status GetStatus(object given) => Seen(given, Done);

    private Metadata Trailers(object given) => Seen(given, trailers);

    private void DisposeWith(object given) => states.Add(given);

    private T Seen<T>(object given, T answer)
    {
        states.Add(given);
        return answer;
    }

    private sealed class Writer : IClientStreamWriter<string>
    {
        internal static readonly Writer Instance = new();

        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(string message) => Task.CompletedTask;

        public Task CompleteAsync() => Task.CompletedTask;
    }

    private sealed class Reader : IAsyncStreamReader<string>
    {
        internal static readonly Reader Instance = new();

        public string Current => "";

        public Task<bool> MoveNext(CancellationToken cancellationToken) => Task.FromResult(false);
    }
}
