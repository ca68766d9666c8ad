using System.Runtime.Versioning;
using Google.Protobuf;
using Grpc.Core;
using Case = System.Func<Exchange.Server.Tests.Grpc.InteropCases.TestService.TestServiceClient, Exchange.Server.Tests.Grpc.InteropCases.WireRecorder, System.Threading.Tasks.Task>;

namespace Exchange.Server.Tests.Grpc.InteropCases;

/// <summary>Reliability D1: gRPC's 18 interoperability cases pass through everything that is around the hub's services, on every transport.</summary>
[SupportedOSPlatform("linux")]
public sealed class InteropCaseTests(InteropHubs hubs) : IClassFixture<InteropHubs>
{
    private const int LargeRequest = 271_828;
    private const int LargeResponse = 314_159;
    private const string SpecialMessage = "\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \ud83d\ude08\t\n";

    private static readonly int[] RequestSizes = [27_182, 8, 1_828, 45_904];
    private static readonly int[] ResponseSizes = [31_415, 9, 2_653, 58_979];

    // What a call may take on a machine that is busy.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly BoolValue Yes = new() { Value = true };
    private static readonly BoolValue No = new() { Value = false };

    private static readonly Dictionary<string, Case> Cases = new()
    {
        ["empty_unary"] = async (client, _) => Assert.Equal(new Empty(), await client.EmptyCallAsync(new Empty())),
        ["large_unary"] = async (client, _) => Assert.Equal(LargeResponse, (await client.UnaryCallAsync(Large())).Payload.Body.Length),
        ["client_streaming"] = async (client, _) =>
        {
            using var call = client.StreamingInputCall();
            foreach (var size in RequestSizes)
            {
                await call.RequestStream.WriteAsync(new StreamingInputCallRequest { Payload = PayloadOf(size) });
            }

            await call.RequestStream.CompleteAsync();
            Assert.Equal(74_922, (await call).AggregatedPayloadSize);
        },
        ["server_streaming"] = async (client, _) =>
        {
            using var call = client.StreamingOutputCall(Wanting([.. ResponseSizes.Select(size => (size, (BoolValue?)null))]));
            Assert.Equal(ResponseSizes, await SizesAsync(call.ResponseStream));
        },
        ["ping_pong"] = async (client, _) =>
        {
            using var call = client.FullDuplexCall();
            foreach (var (request, response) in RequestSizes.Zip(ResponseSizes))
            {
                await PingAsync(call, request, response);
            }

            await call.RequestStream.CompleteAsync();
            Assert.False(await call.ResponseStream.MoveNext(CancellationToken.None));
        },
        ["empty_stream"] = async (client, _) =>
        {
            using var call = client.FullDuplexCall();
            await call.RequestStream.CompleteAsync();
            Assert.False(await call.ResponseStream.MoveNext(CancellationToken.None));
            Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
        },
        ["cancel_after_begin"] = async (client, _) =>
        {
            using var cancel = new CancellationTokenSource();
            using var call = client.StreamingInputCall(cancellationToken: cancel.Token);
            await cancel.CancelAsync();
            await EndsAsync(StatusCode.Cancelled, null, () => call.ResponseAsync);
        },
        ["cancel_after_first_response"] = async (client, _) =>
        {
            using var cancel = new CancellationTokenSource();
            using var call = client.FullDuplexCall(cancellationToken: cancel.Token);
            await PingAsync(call, RequestSizes[0], ResponseSizes[0]);
            await cancel.CancelAsync();
            await EndsAsync(StatusCode.Cancelled, null, () => call.ResponseStream.MoveNext(CancellationToken.None));
        },
        ["timeout_on_sleeping_server"] = async (client, _) =>
        {
            using var call = client.FullDuplexCall(deadline: DateTime.UtcNow.AddMilliseconds(1));
            try
            {
                await call.RequestStream.WriteAsync(new StreamingOutputCallRequest { Payload = PayloadOf(RequestSizes[0]) });
            }
            catch (Exception e) when (e is RpcException or InvalidOperationException)
            {
                // It was over before the first message.
            }

            await EndsAsync(StatusCode.DeadlineExceeded, null, () => call.ResponseStream.MoveNext(CancellationToken.None));
        },
        ["custom_metadata"] = async (client, _) =>
        {
            byte[] trailing = [0xab, 0xab, 0xab];
            Metadata Sent() => new() { { "x-grpc-test-echo-initial", "test_initial_metadata_value" }, { "x-grpc-test-echo-trailing-bin", trailing } };
            using var unary = client.UnaryCallAsync(Large(), Sent());
            await unary;
            using var duplex = client.FullDuplexCall(Sent());
            await PingAsync(duplex, RequestSizes[0], ResponseSizes[0]);
            await duplex.RequestStream.CompleteAsync();
            Assert.False(await duplex.ResponseStream.MoveNext(CancellationToken.None));
            foreach (var (initial, trailers) in new[] { (await unary.ResponseHeadersAsync, unary.GetTrailers()), (await duplex.ResponseHeadersAsync, duplex.GetTrailers()) })
            {
                Assert.Equal("test_initial_metadata_value", initial.GetValue("x-grpc-test-echo-initial"));
                Assert.Equal(trailing, trailers.GetValueBytes("x-grpc-test-echo-trailing-bin"));
            }
        },
        ["status_code_and_message"] = async (client, _) =>
        {
            var status = new EchoStatus { Code = (int)StatusCode.Unknown, Message = "test status message" };
            await EndsAsync(StatusCode.Unknown, status.Message, () => client.UnaryCallAsync(new SimpleRequest { ResponseStatus = status }).ResponseAsync);
            using var call = client.FullDuplexCall();
            await call.RequestStream.WriteAsync(new StreamingOutputCallRequest { ResponseStatus = status });
            await EndsAsync(StatusCode.Unknown, status.Message, () => call.ResponseStream.MoveNext(CancellationToken.None));
        },
        ["special_status_message"] = (client, _) => EndsAsync(
            StatusCode.Unknown, SpecialMessage, () => client.UnaryCallAsync(new SimpleRequest { ResponseStatus = new() { Code = (int)StatusCode.Unknown, Message = SpecialMessage } }).ResponseAsync),
        ["unimplemented_method"] = (client, _) => EndsAsync(StatusCode.Unimplemented, null, () => client.UnimplementedCallAsync(new Empty()).ResponseAsync),
        ["client_compressed_unary"] = async (client, wire) =>
        {
            var probe = Large();
            probe.ExpectCompressed = Yes;
            await EndsAsync(StatusCode.InvalidArgument, null, () => client.UnaryCallAsync(probe).ResponseAsync);
            Assert.Equal(LargeResponse, (await client.UnaryCallAsync(probe, Packed())).Payload.Body.Length);
            var loose = Large();
            loose.ExpectCompressed = No;
            Assert.Equal(LargeResponse, (await client.UnaryCallAsync(loose)).Payload.Body.Length);
            Assert.Equal([false, true, false], wire.Sent);
        },
        ["server_compressed_unary"] = async (client, wire) =>
        {
            foreach (var packed in new[] { Yes, No })
            {
                var request = Large();
                request.ResponseCompressed = packed;
                Assert.Equal(LargeResponse, (await client.UnaryCallAsync(request)).Payload.Body.Length);
            }

            Assert.Equal([true, false], wire.Received);
        },
        ["client_compressed_streaming"] = async (client, wire) =>
        {
            using (var probe = client.StreamingInputCall())
            {
                await probe.RequestStream.WriteAsync(new StreamingInputCallRequest { ExpectCompressed = Yes, Payload = PayloadOf(RequestSizes[0]) });
                await EndsAsync(StatusCode.InvalidArgument, null, () => probe.ResponseAsync);
            }

            using var call = client.StreamingInputCall(Packed());
            await call.RequestStream.WriteAsync(new StreamingInputCallRequest { ExpectCompressed = Yes, Payload = PayloadOf(27_182) });
            call.RequestStream.WriteOptions = new WriteOptions(WriteFlags.NoCompress);
            await call.RequestStream.WriteAsync(new StreamingInputCallRequest { ExpectCompressed = No, Payload = PayloadOf(45_904) });
            await call.RequestStream.CompleteAsync();
            Assert.Equal(73_086, (await call).AggregatedPayloadSize);
            Assert.Equal([false, true, false], wire.Sent);
        },
        ["server_compressed_streaming"] = async (client, wire) =>
        {
            using var call = client.StreamingOutputCall(Wanting((31_415, Yes), (92_653, No)));
            Assert.Equal([31_415, 92_653], await SizesAsync(call.ResponseStream));
            Assert.Equal([true, false], wire.Received);
        },
    };

    public static TheoryData<InteropTransport, string> All =>
        new(Enum.GetValues<InteropTransport>().SelectMany(transport => Cases.Keys.Append("unimplemented_service").Select(name => (transport, name))));

    [Fact]
    public void There_are_eighteen_cases_on_three_transports() => Assert.Equal(54, All.Count);

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_case_passes(InteropTransport transport, string name)
    {
        var (channel, wire, calls) = hubs.Connect(transport);
        using (channel)
        {
            var run = name is "unimplemented_service"
                ? EndsAsync(StatusCode.Unimplemented, null, () => new UnimplementedService.UnimplementedServiceClient(calls).UnimplementedCallAsync(new Empty()).ResponseAsync)
                : Cases[name](new TestService.TestServiceClient(calls), wire);
            await run.WaitAsync(Patience, TestContext.Current.CancellationToken);
        }
    }

    [Theory]
    [InlineData(InteropTransport.Plain)]
    [InlineData(InteropTransport.Tls)]
    [InlineData(InteropTransport.MutualTls)]
    public async Task The_same_calls_without_a_token_are_refused(InteropTransport transport)
    {
        var (channel, _, _) = hubs.Connect(transport);
        using (channel)
        {
            Assert.Equal((StatusCode.Unauthenticated, "TOKEN_MISSING"), await TestStatus.RefusalOf(() => new TestService.TestServiceClient(channel).EmptyCallAsync(new Empty()).ResponseAsync));
        }
    }

    [Fact]
    public async Task The_token_of_the_cases_with_a_certificate_is_good_with_it_only()
    {
        var (channel, calls) = hubs.ConnectWithoutCertificate();
        using (channel)
        {
            Assert.Equal((StatusCode.Unauthenticated, "TOKEN_INVALID"), await TestStatus.RefusalOf(() => new TestService.TestServiceClient(calls).EmptyCallAsync(new Empty()).ResponseAsync));
        }
    }

    // Each call its own: the client's token is added to it.
    private static Metadata Packed() => new() { { "grpc-internal-encoding-request", "gzip" } };

    private static SimpleRequest Large() => new() { ResponseSize = LargeResponse, Payload = PayloadOf(LargeRequest) };

    private static Payload PayloadOf(int size) => new() { Body = ByteString.CopyFrom(new byte[size]) };

    private static StreamingOutputCallRequest Wanting(params IEnumerable<(int Size, BoolValue? Compressed)> responses) =>
        new() { ResponseParameters = { responses.Select(wanted => new ResponseParameters { Size = wanted.Size, Compressed = wanted.Compressed }) } };

    private static async Task PingAsync(AsyncDuplexStreamingCall<StreamingOutputCallRequest, StreamingOutputCallResponse> call, int request, int response)
    {
        var ping = Wanting((response, null));
        ping.Payload = PayloadOf(request);
        await call.RequestStream.WriteAsync(ping);
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal(response, call.ResponseStream.Current.Payload.Body.Length);
    }

    private static async Task<List<int>> SizesAsync(IAsyncStreamReader<StreamingOutputCallResponse> responses)
    {
        List<int> sizes = [];
        await foreach (var response in responses.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            sizes.Add(response.Payload.Body.Length);
        }

        return sizes;
    }

    private static async Task EndsAsync(StatusCode code, string? message, Func<Task> call)
    {
        var status = (await Assert.ThrowsAsync<RpcException>(call)).Status;
        Assert.Equal((code, message ?? status.Detail), (status.StatusCode, status.Detail));
    }
}
