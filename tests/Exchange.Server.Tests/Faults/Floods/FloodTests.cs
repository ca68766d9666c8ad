using System.Diagnostics;
using System.Text;
using Exchange.Protos.V1;
using Exchange.Server.Grpc.Connections;
using Exchange.Server.Grpc.Limits;
using Exchange.Server.Hosting;
using Exchange.Server.Identity;
using Exchange.Server.Tests.Grpc;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using AuditCaller = Exchange.Protos.V1.AuditService.AuditServiceClient;

namespace Exchange.Server.Tests.Faults.Floods;

/// <summary>
/// Reliability D4: whoever floods the hub below the level of calls is disconnected within ten seconds, the others go on being answered. The attacker has an
/// address of its own. The controls send the same to a hub that allows it.
/// </summary>
[Collection(Exchange.Testing.LoadCollection.Name)]
public sealed class FloodTests(ITestOutputHelper output)
{
    private const string Attacker = "127.0.0.2";
    private const string Unary = "/exchange.test.v1.EdgeTest/Unary";
    private const string Down = "/exchange.test.v1.EdgeTest/Down";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task Calls_that_are_reset_at_once_cut_their_connection(bool hasToken) => ResetAsync(5_000, hasToken, addresses: 1);

    [Fact]
    [Trait("Stage", "Full")]
    public Task A_hundred_thousand_calls_that_are_reset_at_once_cut_their_connections() => ResetAsync(100_000, hasToken: true, addresses: 250);

    [Theory]
    [InlineData("pings")]
    [InlineData("settings")]
    [InlineData("empty data")]
    [InlineData("bytes")]
    [InlineData("priorities")]
    [InlineData("resets of nothing")]
    public async Task Frames_without_content_cut_their_connection(string kind)
    {
        await using var hub = await StartAsync(o => o);
        await using var other = new Bystander(await hub.RegisterAsync("other"));
        using var attacker = await RawHttp2.ConnectAsync(hub.Node.Addresses.Grpc, Attacker);

        var took = await SendTriflesAsync(hub, attacker, kind, 200_000);

        Assert.True(attacker.Closed.IsCompleted, $"{kind} go on after {took}");
        Assert.InRange(took, TimeSpan.Zero, Patience);
        await other.ServedAsync(20);
        Assert.Equal(["ADDRESS_CUT_OFF", "TOO_MANY_FRAMES"], await ReasonsAsync(hub));

        // The control.
        await using var careless = await StartAsync(o => o with { MostFrames = int.MaxValue });
        using var allowed = await RawHttp2.ConnectAsync(careless.Node.Addresses.Grpc, Attacker);
        await SendTriflesAsync(careless, allowed, kind, 25_000);
        Assert.False(allowed.Closed.IsCompleted);
    }

    [Theory]
    [InlineData("large")]
    [InlineData("empty")]
    [InlineData("slow")]
    public async Task Headers_that_never_end_cut_their_connection(string kind)
    {
        await using var hub = await StartAsync(o => o);
        await using var other = new Bystander(await hub.RegisterAsync("other"));
        using var attacker = await RawHttp2.ConnectAsync(hub.Node.Addresses.Grpc, Attacker);
        await attacker.BeginAsync();
        var began = Stopwatch.GetTimestamp();
        await attacker.SendAsync(RawHttp2.Frame(RawHttp2.Headers, 0, 1, RawHttp2.HeadersOf(Unary, null)));
        var piece = RawHttp2.Frame(RawHttp2.Continuation, 0, 1, kind is "empty" ? [] : Literal("x-more", new string('x', kind is "large" ? 1_000 : 10)));
        while (!attacker.Closed.IsCompleted && Stopwatch.GetElapsedTime(began) < 2 * Patience && await attacker.SendAsync(piece))
        {
            await Task.Delay(kind is "slow" ? 500 : 0);
        }

        Assert.True(attacker.Closed.IsCompleted, "they go on");
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, Patience);
        await other.ServedAsync(20);
    }

    [Fact]
    public async Task Answers_that_are_never_taken_hold_no_more_than_their_calls_and_not_beyond_their_deadlines()
    {
        await using var hub = await StartAsync(o => o with { DefaultDeadline = TimeSpan.FromSeconds(3), MostStreams = 50 });
        await using var other = new Bystander(await hub.RegisterAsync("other"));
        var client = await hub.RegisterAsync("attacker");
        using var attacker = await RawHttp2.ConnectAsync(hub.Node.Addresses.Grpc, Attacker);
        await attacker.BeginAsync(window: 0);
        var open = hub.Services.GetRequiredService<CallLimits>().Streams;
        var most = 0;
        for (var call = 0; call < 200; call++)
        {
            await attacker.SendAsync(Call(1 + (2 * call), call % 2 is 0 ? Unary : Down, client.AccessToken, call % 2 is 0 ? "" : "hang"));
            most = Math.Max(most, open[client.Id]);
        }

        await attacker.CatchUpAsync();
        Assert.InRange(Math.Max(most, open[client.Id]), 1, 50);
        await other.ServedAsync(20);
        attacker.Dispose();
        await UntilAsync(() => open[client.Id] is 0);
    }

    [Fact]
    public async Task An_answer_that_is_not_taken_cuts_its_connection_and_a_call_without_one_does_not()
    {
        await using var hub = await StartAsync(o => o);
        await using var other = new Bystander(await hub.RegisterAsync("other"));
        var token = (await hub.RegisterAsync("attacker")).AccessToken;
        using var attacker = await RawHttp2.ConnectAsync(hub.Node.Addresses.Grpc, Attacker);
        using var waiting = await RawHttp2.ConnectAsync(hub.Node.Addresses.Grpc, Attacker);
        await attacker.BeginAsync(window: 0);
        await waiting.BeginAsync(window: 0);
        await waiting.SendAsync(Call(1, Unary, token, "hang"));
        var began = Stopwatch.GetTimestamp();
        await attacker.SendAsync(Call(1, Unary, token, "large"));

        await attacker.Closed.WaitAsync(3 * Patience);

        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.FromSeconds(4), Patience);
        Assert.False(waiting.Closed.IsCompleted);
        await other.ServedAsync(20);
        Assert.Equal(["ANSWERS_NOT_TAKEN"], await ReasonsAsync(hub));
    }

    [Fact]
    public async Task An_address_has_so_many_connections_said_nothing_or_not_and_others_are_served()
    {
        await using var hub = await StartAsync(o => o with { MostConnectionsOfAddress = 40 });
        await using var other = new Bystander(await hub.RegisterAsync("other"));
        var connections = new List<RawHttp2>();
        for (var connection = 0; connection < 60; connection++)
        {
            connections.Add(await RawHttp2.ConnectAsync(hub.Node.Addresses.Grpc, Attacker));
        }

        await UntilAsync(() => connections.Count(connection => connection.Closed.IsCompleted) is 20);
        await other.ServedAsync(20);
        Assert.Equal(20, connections.Count(connection => connection.Closed.IsCompleted));
        Assert.Equal(["TOO_MANY_CONNECTIONS"], await ReasonsAsync(hub));

        // One that goes makes room for another.
        connections.First(connection => !connection.Closed.IsCompleted).Dispose();
        await UntilAsync(() => hub.Services.GetRequiredService<HubConnections>().Count(AddressKey.Of(System.Net.IPAddress.Parse(Attacker))) is 39);
        using var next = await RawHttp2.ConnectAsync(hub.Node.Addresses.Grpc, Attacker);
        await next.BeginAsync();
        await next.CatchUpAsync();
        Assert.False(next.Closed.IsCompleted);
        connections.ForEach(connection => connection.Dispose());
    }

    [Fact]
    public async Task A_client_that_gives_up_open_streams_or_goes_away_with_them_is_no_attacker()
    {
        await using var hub = await StartAsync(o => o with { MostResets = 10 });
        var client = await hub.RegisterAsync("other");
        using (var follower = await RawHttp2.ConnectAsync(hub.Node.Addresses.Grpc, Attacker))
        {
            await follower.BeginAsync();
            for (var call = 0; call < 100; call++)
            {
                await follower.SendAsync(Call(1 + (2 * call), Down, client.AccessToken, "hang"));
            }

            var open = hub.Services.GetRequiredService<CallLimits>().Streams;
            await UntilAsync(() => open[client.Id] is 100);
            await Task.Delay(500);
            for (var call = 0; call < 50; call++)
            {
                await follower.SendAsync(RawHttp2.Frame(RawHttp2.Reset, 0, 1 + (2 * call), [0, 0, 0, 8]));
            }

            await UntilAsync(() => open[client.Id] is 50);
            for (var call = 100; call < 200; call++)
            {
                await follower.SendAsync(Call(1 + (2 * call), Unary, client.AccessToken, "hang"));
            }

            await follower.CatchUpAsync();
            Assert.False(follower.Closed.IsCompleted);
        }

        await Task.Delay(500);
        using var again = await RawHttp2.ConnectAsync(hub.Node.Addresses.Grpc, Attacker);
        await again.BeginAsync();
        await again.CatchUpAsync();
        Assert.False(again.Closed.IsCompleted);
        Assert.Empty(await ReasonsAsync(hub));
    }

    [Fact]
    public async Task Calls_whose_deadline_passes_are_no_attack()
    {
        await using var hub = await StartAsync(o => o with { MostResets = 10 });
        var calls = new EdgeTest.EdgeTestClient((await hub.RegisterAsync("hurried")).Invoker);

        var statuses = await Task.WhenAll(Enumerable.Range(0, 100).Select(async _ =>
            (await Assert.ThrowsAsync<RpcException>(() => calls.UnaryAsync(new EdgeMessage { Text = "hang" }, deadline: DateTime.UtcNow.AddMilliseconds(300)).ResponseAsync)).StatusCode));

        Assert.All(statuses, status => Assert.Equal(StatusCode.DeadlineExceeded, status));
        await calls.UnaryAsync(new EdgeMessage());
        Assert.Empty((await new AuditCaller(hub.Operator.Invoker).ListRefusedRequestsAsync(new())).RefusedRequests);
    }

    private static Task<TestHub> StartAsync(Func<HubOptions, HubOptions> change) => TestHub.StartAsync("flood", EdgeHub.Settings with { Options = change });

    private async Task ResetAsync(int calls, bool hasToken, int addresses)
    {
        await using var hub = await StartAsync(o => o);
        var token = hasToken ? (await hub.RegisterAsync("attacker")).AccessToken : null;
        await using var other = new Bystander(await hub.RegisterAsync("other"));
        await other.ServedAsync(20);
        var (alone, quiet) = (other.Percentile99(), other.Answered);
        var open = hub.Services.GetRequiredService<CallLimits>().Streams;
        var (began, sent, cut, longest) = (Stopwatch.GetTimestamp(), 0, 0, TimeSpan.Zero);
        for (var connection = 0; sent < calls; connection++)
        {
            using var attacker = await RawHttp2.ConnectAsync(hub.Node.Addresses.Grpc, $"127.0.0.{2 + (connection % addresses)}");
            var connected = Stopwatch.GetTimestamp();

            // Where the address is cut off, a try counts as twenty.
            sent += Math.Max(20, await SendResetsAsync(attacker, token, calls - sent));
            if (attacker.Closed.IsCompleted)
            {
                cut++;
                longest = longest < Stopwatch.GetElapsedTime(connected) ? Stopwatch.GetElapsedTime(connected) : longest;
            }
        }

        Assert.True(cut > 0, $"{sent} resets in {Stopwatch.GetElapsedTime(began)} are none too many");
        Assert.InRange(longest, TimeSpan.Zero, Patience);
        await other.ServedAsync(20);
        var reasons = await ReasonsAsync(hub);
        Assert.Contains("TOO_MANY_RESETS", reasons);
        Assert.Contains("ADDRESS_CUT_OFF", reasons);
        output.WriteLine($"{sent} resets, {cut} connections cut, the longest after {longest.TotalMilliseconds:0} ms; others' p99 {alone.TotalMilliseconds:0.0} ms before, {other.Percentile99(quiet).TotalMilliseconds:0.0} ms since");

        // The control: a hub that allows it goes on and on.
        await using var careless = await StartAsync(o => o with { MostResets = 1_000_000 });
        using var allowed = await RawHttp2.ConnectAsync(careless.Node.Addresses.Grpc, Attacker);
        Assert.Equal(2_000, await SendResetsAsync(allowed, hasToken ? (await careless.RegisterAsync("attacker")).AccessToken : null, 2_000));
        Assert.False(allowed.Closed.IsCompleted);
    }

    // In step with the hub: Kestrel cuts what runs away from it by itself.
    private static async Task<int> SendResetsAsync(RawHttp2 attacker, string? token, int calls)
    {
        await attacker.BeginAsync();
        for (var call = 0; call < calls; call++)
        {
            var stream = 1 + (2 * call);
            if (!await attacker.SendAsync((byte[])[.. Call(stream, Unary, token, "hang"), .. RawHttp2.Frame(RawHttp2.Reset, 0, stream, [0, 0, 0, 8])]))
            {
                return call;
            }

            if (call % 20 is 19)
            {
                await attacker.CatchUpAsync();
                if (attacker.Closed.IsCompleted)
                {
                    return call;
                }
            }
        }

        return calls;
    }

    private static async Task<TimeSpan> SendTriflesAsync(TestHub hub, RawHttp2 attacker, string kind, int frames)
    {
        var token = (await hub.RegisterAsync("attacker")).AccessToken;
        await attacker.BeginAsync();
        await attacker.SendAsync(RawHttp2.Frame(RawHttp2.Headers, RawHttp2.EndHeaders, 1, RawHttp2.HeadersOf("/exchange.test.v1.EdgeTest/Up", token)));
        var began = Stopwatch.GetTimestamp();
        var frame = kind switch
        {
            "pings" => RawHttp2.Frame(RawHttp2.Ping, 0, 0, new byte[8]),
            "settings" => RawHttp2.Frame(RawHttp2.Settings, 0, 0, []),
            "empty data" => RawHttp2.Frame(RawHttp2.Data, 0, 1, []),
            "bytes" => RawHttp2.Frame(RawHttp2.Data, 0, 1, [0]),
            "resets of nothing" => RawHttp2.Frame(RawHttp2.Reset, 0, 1, [0, 0, 0, 8]),
            _ => RawHttp2.Frame(0x2, 0, 3, [0, 0, 0, 0, 16]),
        };
        byte[] hundred = [.. Enumerable.Repeat(frame, 100).SelectMany(bytes => bytes)];
        for (var sent = 0; sent < frames && !attacker.Closed.IsCompleted && await attacker.SendAsync(hundred); sent += 100)
        {
            if (sent % 1000 is 900)
            {
                await attacker.CatchUpAsync();
            }
        }

        var took = Stopwatch.GetElapsedTime(began);
        await Task.WhenAny(attacker.Closed, Task.Delay(TimeSpan.FromMilliseconds(200)));
        if (attacker.Closed.IsCompleted)
        {
            // Nor does another connection of that address.
            Assert.Null(attacker.Error);
            using var again = await RawHttp2.ConnectAsync(hub.Node.Addresses.Grpc, Attacker);
            await again.Closed.WaitAsync(Patience);
        }

        return took;
    }

    private static byte[] Call(int stream, string method, string? token, string text)
    {
        var message = new EdgeMessage { Text = text }.ToByteArray();
        return
        [
            .. RawHttp2.Frame(RawHttp2.Headers, RawHttp2.EndHeaders, stream, RawHttp2.HeadersOf(method, token)),
            .. RawHttp2.Frame(RawHttp2.Data, RawHttp2.EndStream, stream, [0, 0, 0, 0, (byte)message.Length, .. message]),
        ];
    }

    private static byte[] Literal(string name, string value)
    {
        var length = value.Length < 127 ? (byte[])[(byte)value.Length] : [127, (byte)(((value.Length - 127) % 128) + 128), (byte)((value.Length - 127) / 128)];
        return [0, (byte)name.Length, .. Encoding.ASCII.GetBytes(name), .. length, .. Encoding.ASCII.GetBytes(value)];
    }

    private static async Task<IEnumerable<string>> ReasonsAsync(TestHub hub)
    {
        await hub.Services.GetRequiredService<RefusedRequests>().WriteAsync();
        var listed = await new AuditCaller(hub.Operator.Invoker).ListRefusedRequestsAsync(new ListRefusedRequestsRequest { Address = Attacker, PageSize = 500 });
        return listed.RefusedRequests.Select(refused => refused.Reason).Where(reason => reason is not "TOKEN_MISSING").Distinct().Order(StringComparer.Ordinal);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            await Task.Delay(5, deadline.Token);
        }
    }
}
