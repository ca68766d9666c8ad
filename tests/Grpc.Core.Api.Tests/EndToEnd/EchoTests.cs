using System.IO.Compression;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Grpc.Net.Compression;

namespace Grpc.Core.Api.Tests.EndToEnd;

/// <summary>The packages as they are and generated code, over a real connection.</summary>
public sealed class EchoTests(EchoServer server) : IClassFixture<EchoServer>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_unary_call_brings_response_headers_status_and_trailers()
    {
        using var channel = server.Connect();
        using var call = new Echo.EchoClient(channel).SayAsync(new Phrase { Text = "hello" });

        var response = await call;

        Assert.Equal("hello", response.Text);
        Assert.Equal("hello", (await call.ResponseHeadersAsync).GetValue("seen"));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
        Assert.Equal("5", call.GetTrailers().GetValue("length"));
    }

    [Fact]
    public void A_blocking_call_brings_the_response()
    {
        using var channel = server.Connect();

        Assert.Equal("hello", new Echo.EchoClient(channel).Say(new Phrase { Text = "hello" }).Text);
    }

    [Fact]
    public async Task A_refusal_brings_status_detail_and_both_sorts_of_trailers()
    {
        using var channel = server.Connect();
        var client = new Echo.EchoClient(channel);

        var refusal = await Assert.ThrowsAsync<RpcException>(async () => await client.SayAsync(new Phrase { Text = "refuse" }));

        Assert.Equal(StatusCode.FailedPrecondition, refusal.StatusCode);
        Assert.Equal("拒绝 100%", refusal.Status.Detail);
        Assert.Null(refusal.InnerException);
        Assert.Equal("CLOSED", refusal.Trailers.GetValue("reason"));
        Assert.Equal("yes", refusal.Trailers.GetValue("from-context"));
        Assert.Equal([0, 255, 7], refusal.Trailers.GetValueBytes("detail-bin"));
    }

    [Fact]
    public async Task A_status_set_by_the_handler_ends_the_call_with_it()
    {
        using var channel = server.Connect();
        var client = new Echo.EchoClient(channel);

        var refusal = await Assert.ThrowsAsync<RpcException>(async () => await client.SayAsync(new Phrase { Text = "status" }));

        Assert.Equal(StatusCode.NotFound, refusal.StatusCode);
        Assert.Equal("by status", refusal.Status.Detail);
    }

    [Fact]
    public async Task A_deadline_ends_the_call_on_both_sides()
    {
        using var channel = server.Connect();
        var client = new Echo.EchoClient(channel);

        var late = await Assert.ThrowsAsync<RpcException>(async () => await client.SayAsync(
            new Phrase { Text = "wait" }, new Metadata { { "call", "late" } }, DateTime.UtcNow.AddMilliseconds(500)));

        Assert.Equal(StatusCode.DeadlineExceeded, late.StatusCode);
        await server.Endings.Of("late").WaitAsync(Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_cancelled_call_ends_as_cancelled()
    {
        using var channel = server.Connect();
        using var cancellation = new CancellationTokenSource();
        var call = new Echo.EchoClient(channel).SayAsync(new Phrase { Text = "wait" }, cancellationToken: cancellation.Token);

        await cancellation.CancelAsync();

        var cancelled = await Assert.ThrowsAsync<RpcException>(async () => await call);
        Assert.Equal(StatusCode.Cancelled, cancelled.StatusCode);
    }

    [Fact]
    public async Task Client_streaming_joins_what_was_written()
    {
        using var channel = server.Connect();
        using var call = new Echo.EchoClient(channel).Join();

        await call.RequestStream.WriteAsync(new Phrase { Text = "one" });
        await call.RequestStream.WriteAsync(new Phrase { Text = "two" }, TestContext.Current.CancellationToken);
        await call.RequestStream.CompleteAsync();

        Assert.Equal("one two", (await call).Text);
    }

    [Fact]
    public async Task Server_streaming_is_read_to_its_end_with_trailers()
    {
        using var channel = server.Connect();
        using var call = new Echo.EchoClient(channel).Split(new Phrase { Text = "one two three" });

        var words = new List<string>();
        await foreach (var phrase in call.ResponseStream.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            words.Add(phrase.Text);
        }

        Assert.Equal(["one", "two", "three"], words);
        Assert.Equal("done", call.GetTrailers().GetValue("words"));
    }

    [Fact]
    public async Task Both_directions_stream_independently()
    {
        using var channel = server.Connect();
        using var call = new Echo.EchoClient(channel).Repeat();

        for (var i = 0; i < 5; i++)
        {
            await call.RequestStream.WriteAsync(new Phrase { Text = $"{i}" });
            Assert.True(await call.ResponseStream.MoveNext());
            Assert.Equal($"{i}", call.ResponseStream.Current.Text);
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext());
    }

    [Fact]
    public async Task Disposing_a_call_that_still_streams_cancels_it_on_the_server()
    {
        using var channel = server.Connect();
        var call = new Echo.EchoClient(channel).Repeat(new Metadata { { "call", "disposed" } });
        await call.RequestStream.WriteAsync(new Phrase { Text = "first" });
        Assert.True(await call.ResponseStream.MoveNext());

        call.Dispose();

        await server.Endings.Of("disposed").WaitAsync(Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Messages_are_compressed_both_ways_by_the_provider()
    {
        var gzip = new CountingProvider();
        using var channel = server.Connect(new GrpcChannelOptions { CompressionProviders = [gzip] });
        var text = string.Concat(Enumerable.Repeat("street light out ", 1000));

        var response = await new Echo.EchoClient(channel).SayAsync(
            new Phrase { Text = text }, new Metadata { { "grpc-internal-encoding-request", "gzip" } });

        Assert.Equal(text, response.Text);
        Assert.Equal((1, 1), (gzip.Compressed, gzip.Decompressed));
    }

    [Fact]
    public async Task Interceptors_of_client_and_server_see_the_call()
    {
        using var channel = server.Connect();
        var client = new Echo.EchoClient(channel.Intercept(headers =>
        {
            headers.Add("Authorization", "Bearer abc");
            return headers;
        }));

        var response = await client.SayAsync(new Phrase { Text = "headers" });

        Assert.Equal("Bearer abc", response.Text);
        Assert.Contains("/grpc.core.api.tests.Echo/Say", server.Intercepted);
    }

    [Fact]
    public async Task The_handler_knows_its_call()
    {
        using var channel = server.Connect();
        var client = new Echo.EchoClient(channel);

        var context = await client.SayAsync(new Phrase { Text = "context" }, deadline: DateTime.UtcNow.AddMinutes(1));

        Assert.Equal($"/grpc.core.api.tests.Echo/Say {new Uri(server.Address).Authority} ipv4 Utc False", context.Text);
    }

    [Fact]
    public async Task Call_credentials_go_over_an_unprotected_channel_only_when_told_so()
    {
        var credentials = ChannelCredentials.Create(ChannelCredentials.Insecure, CallCredentials.FromInterceptor((_, metadata) =>
        {
            metadata.Add("authorization", "Bearer xyz");
            return Task.CompletedTask;
        }));

        Assert.ThrowsAny<Exception>(() => server.Connect(new GrpcChannelOptions { Credentials = credentials }));

        using var told = server.Connect(new GrpcChannelOptions { Credentials = credentials, UnsafeUseInsecureChannelCallCredentials = true });
        Assert.Equal("Bearer xyz", (await new Echo.EchoClient(told).SayAsync(new Phrase { Text = "headers" })).Text);
    }

    [Fact]
    public async Task Composed_call_credentials_all_add_their_headers_in_order()
    {
        var credentials = ChannelCredentials.Create(
            ChannelCredentials.Insecure,
            CallCredentials.Compose(Bearer("first"), Bearer("second")));
        using var channel = server.Connect(new GrpcChannelOptions { Credentials = credentials, UnsafeUseInsecureChannelCallCredentials = true });

        var seen = (await new Echo.EchoClient(channel).SayAsync(new Phrase { Text = "headers" })).Text;

        Assert.Equal("first, second", seen);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_unavailable_with_the_reason_inside()
    {
        using var socket = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        socket.Start();
        var port = ((System.Net.IPEndPoint)socket.LocalEndpoint).Port;
        socket.Stop();
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{port}");

        var unavailable = await Assert.ThrowsAsync<RpcException>(async () => await new Echo.EchoClient(channel).SayAsync(new Phrase()));

        Assert.Equal(StatusCode.Unavailable, unavailable.StatusCode);
        Assert.NotNull(unavailable.Status.DebugException);
        Assert.Same(unavailable.Status.DebugException, unavailable.InnerException);
    }

    [Fact]
    public async Task A_client_can_be_doubled_without_a_channel()
    {
        Echo.EchoClient client = new DoubledClient();

        Assert.Equal("doubled", (await client.SayAsync(new Phrase())).Text);
        Assert.Throws<NotImplementedException>(() => client.Join());
    }

    private static CallCredentials Bearer(string token) => CallCredentials.FromInterceptor((_, metadata) =>
    {
        metadata.Add("authorization", token);
        return Task.CompletedTask;
    });

    private sealed class CountingProvider : ICompressionProvider
    {
        private readonly GzipCompressionProvider provider = new(CompressionLevel.Fastest);

        internal int Compressed { get; private set; }

        internal int Decompressed { get; private set; }

        public string EncodingName => provider.EncodingName;

        public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel)
        {
            Compressed++;
            return provider.CreateCompressionStream(stream, compressionLevel);
        }

        public Stream CreateDecompressionStream(Stream stream)
        {
            Decompressed++;
            return provider.CreateDecompressionStream(stream);
        }
    }

    private sealed class DoubledClient : Echo.EchoClient
    {
        public override AsyncUnaryCall<Phrase> SayAsync(Phrase request, CallOptions options) => new(
            Task.FromResult(new Phrase { Text = "doubled" }), Task.FromResult(new Metadata()), () => Status.DefaultSuccess, () => [], () => { });
    }
}
