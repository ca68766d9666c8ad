using Grpc.Core.Api.Tests.Server;
using Grpc.Core.Interceptors;

namespace Grpc.Core.Api.Tests.Interceptors;

/// <summary>What a server interceptor does with the handlers that it does not override.</summary>
public sealed class ServerInterceptorTests
{
    private readonly Interceptor interceptor = new Nothing();
    private readonly ServerCallContext context = new FixedContext();
    private readonly Messages requests = new();
    private readonly Sink responses = new();

    [Fact]
    public async Task A_unary_call_goes_to_its_handler_unchanged()
    {
        var response = await interceptor.UnaryServerHandler<string, string>("request", context, (request, seen) =>
        {
            Assert.Equal("request", request);
            Assert.Same(context, seen);
            return Task.FromResult("response");
        });

        Assert.Equal("response", response);
    }

    [Fact]
    public async Task A_client_streaming_call_goes_to_its_handler_unchanged()
    {
        var response = await interceptor.ClientStreamingServerHandler<string, string>(requests, context, (stream, seen) =>
        {
            Assert.Same(requests, stream);
            Assert.Same(context, seen);
            return Task.FromResult("response");
        });

        Assert.Equal("response", response);
    }

    [Fact]
    public async Task A_server_streaming_call_goes_to_its_handler_unchanged()
    {
        var handled = false;

        await interceptor.ServerStreamingServerHandler<string, string>("request", responses, context, (request, stream, seen) =>
        {
            Assert.Equal("request", request);
            Assert.Same(responses, stream);
            Assert.Same(context, seen);
            handled = true;
            return Task.CompletedTask;
        });

        Assert.True(handled);
    }

    [Fact]
    public async Task A_duplex_call_goes_to_its_handler_unchanged()
    {
        var handled = false;

        await interceptor.DuplexStreamingServerHandler<string, string>(requests, responses, context, (reading, writing, seen) =>
        {
            Assert.Same(requests, reading);
            Assert.Same(responses, writing);
            Assert.Same(context, seen);
            handled = true;
            return Task.CompletedTask;
        });

        Assert.True(handled);
    }

    [Fact]
    public async Task The_exception_of_a_handler_comes_through()
    {
        var refusal = new RpcException(new Status(StatusCode.Aborted, "stale"));

        var thrown = await Assert.ThrowsAsync<RpcException>(
            () => interceptor.UnaryServerHandler<string, string>("request", context, (_, _) => Task.FromException<string>(refusal)));

        Assert.Same(refusal, thrown);
    }

    private sealed class Nothing : Interceptor;

    private sealed class Messages : IAsyncStreamReader<string>
    {
        public string Current => "";

        public Task<bool> MoveNext(CancellationToken cancellationToken) => Task.FromResult(false);
    }

    private sealed class Sink : IServerStreamWriter<string>
    {
        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(string message) => Task.CompletedTask;
    }
}
