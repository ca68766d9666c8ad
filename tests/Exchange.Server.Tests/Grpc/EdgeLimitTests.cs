using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Exchange.Server.Grpc;
using Exchange.Server.Grpc.Room;
using Exchange.Server.Hosting;
using Google.Protobuf;
using Google.Rpc;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Exchange.Server.Tests.Grpc;

public sealed class EdgeLimitTests(EdgeHub edge)
{
    private const int Limit = 4 * 1024 * 1024;

    [Fact]
    public async Task A_unary_call_without_a_deadline_gets_one_and_ends_at_it()
    {
        await using var hub = await TestHub.StartAsync("deadline", EdgeHub.Settings with { Options = o => o with { DefaultDeadline = TimeSpan.FromMilliseconds(300) } });
        var calls = new EdgeTest.EdgeTestClient((await hub.RegisterAsync("slow")).Invoker);

        var exception = await Assert.ThrowsAsync<RpcException>(() => calls.UnaryAsync(new EdgeMessage { Text = "hang" }).ResponseAsync);

        Assert.Equal((StatusCode.DeadlineExceeded, "DEADLINE_EXCEEDED"), (exception.StatusCode, exception.Reason()));
        Assert.Equal(exception.Status.Detail, exception.Details().Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00000000")]
    public async Task A_unary_call_whose_message_does_not_come_ends_at_its_deadline(string begun)
    {
        await using var hub = await TestHub.StartAsync("deadline", EdgeHub.Settings with { Options = o => o with { DefaultDeadline = TimeSpan.FromMilliseconds(300) } });
        var token = (await hub.RegisterAsync("slow")).AccessToken;

        Assert.Equal((StatusCode.DeadlineExceeded, "DEADLINE_EXCEEDED"), await PostAsync(hub, token, "Unary", new Unfinished(Convert.FromHexString(begun))));
    }

    [Fact]
    public async Task The_time_a_message_takes_to_come_is_the_calls_own()
    {
        var hub = await edge.HubAsync();
        var frame = Frame(new EdgeMessage { Text = "deadline" });

        // Its length in two parts: what was looked at is looked at again.
        var (code, _, answer) = await AnswerAsync(hub, (await edge.ClientAsync()).AccessToken, "Unary", new Unfinished(frame[..3], TimeSpan.FromSeconds(2), frame[3..]));

        Assert.Equal(StatusCode.OK, code);
        Assert.InRange(double.Parse(EdgeMessage.Parser.ParseFrom(answer.AsSpan(5)).Text, CultureInfo.InvariantCulture), 20, 28.1);
    }

    [Fact]
    public async Task A_large_message_may_come_in_parts_but_one_that_does_not_come_gives_its_room_back()
    {
        await using var hub = await TestHub.StartAsync("trickle", EdgeHub.Settings with { Options = o => o with { MessagePatience = TimeSpan.FromSeconds(2) } });
        var client = await hub.RegisterAsync("trickling");
        var budget = hub.Services.GetRequiredService<RequestBudgets>().Calls;
        var large = Frame(new EdgeMessage { Text = "deadline", Body = ByteString.CopyFrom(new byte[1 << 20]) });

        var (code, _, answer) = await AnswerAsync(hub, client.AccessToken, "Unary", new Unfinished(large[..500_000], TimeSpan.FromSeconds(3), large[500_000..]));
        var trickles = PostAsync(hub, client.AccessToken, "Unary", new Unfinished(Frame(new EdgeMessage { Body = ByteString.CopyFrom(new byte[20_000]) })[..^1]));
        await UntilAsync(() => budget.Holders.Count is 1);
        var refused = await trickles;

        // 3 s of 18 that it has to come: not too slow, and off its own time.
        Assert.Equal(StatusCode.OK, code);
        Assert.InRange(double.Parse(EdgeMessage.Parser.ParseFrom(answer.AsSpan(5)).Text, CultureInfo.InvariantCulture), 20, 27.1);
        Assert.Equal((StatusCode.Unavailable, "MESSAGE_TOO_SLOW"), refused);
        Assert.Empty(budget.Holders);
    }

    [Fact]
    public async Task A_later_deadline_than_the_longest_is_the_longest()
    {
        await using var hub = await TestHub.StartAsync("deadline", EdgeHub.Settings with { Options = o => o with { LongestDeadline = TimeSpan.FromSeconds(20) } });
        var calls = new EdgeTest.EdgeTestClient((await hub.RegisterAsync("slow")).Invoker);

        foreach (var asked in new DateTime?[] { null, DateTime.UtcNow.AddDays(2) })
        {
            var seconds = double.Parse((await calls.UnaryAsync(new EdgeMessage { Text = "deadline" }, deadline: asked)).Text, CultureInfo.InvariantCulture);

            Assert.InRange(seconds, 10, 20);
        }
    }

    [Fact]
    public async Task Without_settings_the_limits_are_those_that_the_protos_state()
    {
        var calls = await edge.CallsAsync();
        var services = (await edge.HubAsync()).Services;

        var seconds = double.Parse((await calls.UnaryAsync(new EdgeMessage { Text = "deadline" })).Text, CultureInfo.InvariantCulture);

        Assert.InRange(seconds, 20, 30);
        var connection = services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits.Http2;
        Assert.Equal((30, 20, 256), (connection.KeepAlivePingDelay.TotalSeconds, connection.KeepAlivePingTimeout.TotalSeconds, connection.MaxStreamsPerConnection));
        var message = services.GetRequiredService<IOptions<GrpcServiceOptions>>().Value;
        Assert.Equal((Limit, Limit), (message.MaxReceiveMessageSize, message.MaxSendMessageSize));
    }

    [Fact]
    public async Task A_deadline_the_client_gave_is_the_one_that_counts_and_streams_have_none()
    {
        await using var hub = await TestHub.StartAsync("deadline", EdgeHub.Settings with { Options = o => o with { DefaultDeadline = TimeSpan.FromSeconds(2) } });
        var calls = new EdgeTest.EdgeTestClient((await hub.RegisterAsync("slow")).Invoker);

        using var stream = calls.Both();
        await stream.RequestStream.WriteAsync(new EdgeMessage { Text = "first" });
        Assert.True(await stream.ResponseStream.MoveNext(CancellationToken.None));
        var exception = await Assert.ThrowsAsync<RpcException>(() => calls.UnaryAsync(new EdgeMessage { Text = "hang" }, deadline: DateTime.UtcNow.AddSeconds(3)).ResponseAsync);
        await stream.RequestStream.WriteAsync(new EdgeMessage { Text = "after 3 s" });

        Assert.Equal(StatusCode.DeadlineExceeded, exception.StatusCode);
        Assert.True(await stream.ResponseStream.MoveNext(CancellationToken.None));
    }

    [Fact]
    public async Task A_unary_call_its_client_has_no_room_for_is_told_when_to_come_again_small_ones_and_other_clients_pass_and_the_room_comes_back()
    {
        await using var hub = await TestHub.StartAsync("room", EdgeHub.Settings);
        var client = await hub.RegisterAsync("large");
        var calls = new EdgeTest.EdgeTestClient(client.Invoker);
        var others = new EdgeTest.EdgeTestClient((await hub.RegisterAsync("other")).Invoker);
        var budget = hub.Services.GetRequiredService<RequestBudgets>().Calls;
        var share = new HubOptions().RequestBytes / 2 / 4;
        var large = new EdgeMessage { Body = ByteString.CopyFrom(new byte[100_000]) };

        Assert.True(budget.TryTake(client.Id, share - large.CalculateSize() + 1));
        var shed = await Assert.ThrowsAsync<RpcException>(() => calls.UnaryAsync(large).ResponseAsync);
        await calls.UnaryAsync(new EdgeMessage { Body = ByteString.CopyFrom(new byte[10_000]) });
        await others.UnaryAsync(large);
        budget.Return(client.Id, 1);
        await calls.UnaryAsync(large);
        await Assert.ThrowsAsync<RpcException>(() => calls.UnaryAsync(new EdgeMessage { Text = "fail", Body = large.Body }).ResponseAsync);
        await calls.UnaryAsync(large);

        Assert.Equal((StatusCode.ResourceExhausted, "LOAD_SHED"), (shed.StatusCode, shed.Reason()));
        Assert.True(shed.Detail<RetryInfo>()?.RetryDelay?.ToTimeSpan() > TimeSpan.Zero);
    }

    [Fact]
    public async Task A_message_at_the_limit_passes_and_one_byte_more_is_refused_in_each_form_of_call()
    {
        var calls = await edge.CallsAsync();
        var fits = new EdgeMessage { Body = ByteString.CopyFrom(new byte[Limit - 5]) };
        var tooLarge = new EdgeMessage { Body = ByteString.CopyFrom(new byte[Limit - 4]) };
        Assert.Equal((Limit, Limit + 1), (fits.CalculateSize(), tooLarge.CalculateSize()));

        await calls.UnaryAsync(fits);

        Assert.Equal((StatusCode.ResourceExhausted, "MESSAGE_TOO_LARGE"), await TestStatus.RefusalOf(() => calls.UnaryAsync(tooLarge).ResponseAsync));
        Assert.Equal((StatusCode.ResourceExhausted, "MESSAGE_TOO_LARGE"), await TestStatus.RefusalOf(async () =>
        {
            using var up = calls.Up();
            try
            {
                await up.RequestStream.WriteAsync(tooLarge);
            }
            catch (RpcException)
            {
                // The refusal may come before the last byte is sent; the response says which it is.
            }

            await up;
        }));
    }

    [Fact]
    public async Task A_small_message_that_unpacks_over_the_limit_is_refused()
    {
        var calls = await edge.CallsAsync();
        var bomb = new EdgeMessage { Body = ByteString.CopyFrom(new byte[3 * Limit]) };
        var options = new CallOptions(headers: new Metadata { { "grpc-internal-encoding-request", "gzip" } });

        Assert.Equal((StatusCode.ResourceExhausted, "MESSAGE_TOO_LARGE"), await TestStatus.RefusalOf(() => calls.UnaryAsync(bomb, options).ResponseAsync));
    }

    [Theory]
    [InlineData("0000000003" + "0a0561", "cut off inside the message")]
    [InlineData("0000000008" + "0a0361", "cut off by the end of the stream")]
    [InlineData("0000000001" + "ff", "no field number")]
    [InlineData("0000000002" + "0f00", "wrong wire type")]
    [InlineData("00000000", "not even a length")]
    public async Task Bytes_that_are_no_message_are_refused_before_the_handler(string hex, string what)
    {
        var hub = await edge.HubAsync();
        var token = (await edge.ClientAsync()).AccessToken;

        foreach (var method in new[] { "Unary", "Up", "Down", "Both" })
        {
            var (code, reason) = await PostAsync(hub, token, method, new ByteArrayContent(Convert.FromHexString(hex)));

            Assert.True((code, reason) == (StatusCode.InvalidArgument, "MALFORMED_MESSAGE"), $"{method}, {what}: {code} {reason}");
        }
    }

    [Theory]
    [InlineData("0100000004" + "deadbeef", "no gzip", "InvalidArgument MALFORMED_MESSAGE")]
    [InlineData("010000000c" + "1f8b08000000000000ffffff", "gzip of no known kind of block", "InvalidArgument MALFORMED_MESSAGE")]
    [InlineData("007fffffff", "a length of 2 GiB less one", "ResourceExhausted MESSAGE_TOO_LARGE")]
    [InlineData("0080000000", "a length of 2 GiB", "InvalidArgument MALFORMED_MESSAGE")]
    [InlineData("00ffffffff", "a length of 4 GiB less one", "InvalidArgument MALFORMED_MESSAGE")]
    public async Task What_cannot_be_unpacked_or_held_is_refused_on_a_stream_as_in_a_single_message(string hex, string what, string expected)
    {
        var hub = await edge.HubAsync();
        var token = (await edge.ClientAsync()).AccessToken;

        foreach (var method in new[] { "Unary", "Up", "Down", "Both" })
        {
            var body = new ByteArrayContent(Convert.FromHexString(hex));
            body.Headers.Add("grpc-encoding", "gzip");

            var (code, reason) = await PostAsync(hub, token, method, body);

            Assert.True($"{code} {reason}" == expected, $"{method}, {what}: {code} {reason}");
        }
    }

    [Fact]
    public async Task A_stream_that_its_caller_reset_is_cancelled_and_no_fault()
    {
        var reader = new HubStreamReader<EdgeMessage>(new Reset(), CancellationToken.None);

        Assert.Equal((StatusCode.Cancelled, "CANCELLED"), await TestStatus.RefusalOf(() => reader.MoveNext(CancellationToken.None)));
    }

    [Fact]
    public async Task A_message_nested_too_deep_is_refused()
    {
        var calls = await edge.CallsAsync();
        var message = new EdgeMessage();
        for (var depth = 0; depth < 200; depth++)
        {
            message = new EdgeMessage { Inner = message };
        }

        Assert.Equal(
            (StatusCode.InvalidArgument, "MALFORMED_MESSAGE"),
            await TestStatus.RefusalOf(() => calls.UnaryAsync(message).ResponseAsync));
    }

    [Fact]
    public async Task Metadata_over_its_limit_is_refused_and_the_hub_goes_on()
    {
        var calls = await edge.CallsAsync();

        Assert.Equal(
            (StatusCode.ResourceExhausted, "METADATA_TOO_LARGE"),
            await TestStatus.RefusalOf(() => calls.UnaryAsync(new EdgeMessage(), new Metadata { { "x-large", new string('x', 16_384) } }).ResponseAsync));
        await Assert.ThrowsAsync<RpcException>(() => calls.UnaryAsync(new EdgeMessage(), new Metadata { { "x-huge", new string('x', 200_000) } }).ResponseAsync);

        await calls.UnaryAsync(new EdgeMessage(), new Metadata { { "x-fits", new string('x', 14_000) } });
    }

    [Fact]
    public async Task A_method_the_hub_does_not_have_is_unimplemented_but_only_for_callers()
    {
        var hub = await edge.HubAsync();
        var client = await edge.ClientAsync();

        Assert.Equal((StatusCode.Unimplemented, "METHOD_UNKNOWN"), await PostAsync(hub, client.AccessToken, "Nothing", new ByteArrayContent([])));
        Assert.Equal((StatusCode.Unauthenticated, "TOKEN_MISSING"), await PostAsync(hub, null, "Nothing", new ByteArrayContent([])));
    }

    private static byte[] Frame(EdgeMessage message)
    {
        var frame = new byte[5 + message.CalculateSize()];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.CalculateSize());
        message.WriteTo(frame.AsSpan(5));
        return frame;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            await Task.Delay(1, deadline.Token);
        }
    }

    private static async Task<(StatusCode Code, string Reason)> PostAsync(TestHub hub, string? token, string method, HttpContent body)
    {
        var (code, reason, _) = await AnswerAsync(hub, token, method, body);
        return (code, reason);
    }

    private static async Task<(StatusCode Code, string Reason, byte[] Message)> AnswerAsync(TestHub hub, string? token, string method, HttpContent body)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(hub.Node.Addresses.Grpc, $"/exchange.test.v1.EdgeTest/{method}"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = body,
        };
        body.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        var message = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        string? Trailer(string name) => (response.TrailingHeaders.TryGetValues(name, out var late) ? late : response.Headers.TryGetValues(name, out var early) ? early : []).SingleOrDefault();
        var details = Trailer("grpc-status-details-bin") ?? "";
        var status = Google.Rpc.Status.Parser.ParseFrom(Convert.FromBase64String(details.PadRight((details.Length + 3) / 4 * 4, '=')));
        return ((StatusCode)int.Parse(Trailer("grpc-status")!), status.Details.Count > 0 ? status.Details[0].Unpack<Google.Rpc.ErrorInfo>().Reason : "", message);
    }

    private sealed class Reset : IAsyncStreamReader<EdgeMessage>
    {
        public EdgeMessage Current => throw new InvalidOperationException();

        public Task<bool> MoveNext(CancellationToken cancellationToken) => throw new IOException("The client reset the request stream.");
    }

    /// <summary>A body that begins and goes no further, or after a pause.</summary>
    private sealed class Unfinished(byte[] begun, TimeSpan? pause = null, byte[]? rest = null) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.WriteAsync(begun, cancellationToken);
            await stream.FlushAsync(cancellationToken);
            await Task.Delay(pause ?? Timeout.InfiniteTimeSpan, cancellationToken);
            await stream.WriteAsync(rest, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
