using System.Diagnostics;
using System.Net;
using Exchange.Clients.Feed;
using Exchange.Protos.V1;
using Exchange.Server.Grpc.Limits;
using Exchange.Server.Tests.Clients;
using Exchange.Server.Tests.Grpc;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;

namespace Exchange.Server.Tests.Faults.Floods;

/// <summary>Reliability D4 and D6: peers that say nothing are noticed when they are dead, kept when they are not, and in nobody's way.</summary>
[Collection(Exchange.Testing.LoadCollection.Name)]
public sealed class IdlePeerTests(ITestOutputHelper output)
{
    private const int Connections = 5_000;

    private static readonly TimeSpan Noticed = TimeSpan.FromSeconds(60);

    // Its TCP answers and its HTTP/2 does not, as behind a balancer that keeps what is dead.
    [Fact]
    [Trait("Stage", "Full")]
    public async Task A_peer_that_answers_no_ping_is_gone_within_a_minute_and_the_librarys_idle_feed_stays()
    {
        await using var city = await ClientHub.StartAsync("idle_peers", EdgeHub.Settings);
        await using var feed = await (await city.RegisterAsync("supervision-office")).Feed.FollowAsync(
            new FollowRequest { Resource = Tickets.Resource, Purpose = Purpose.Regulation, Beginning = true }, new MemoryCheckpointStore(), CancellationToken.None);
        using var stop = new CancellationTokenSource();
        var reading = ReadAsync(feed, stop.Token);
        var hub = city.Hub;
        var dead = await hub.RegisterAsync("dead");
        using var peer = await RawHttp2.ConnectAsync(hub.Node.Addresses.Grpc, "127.0.0.3");
        await peer.BeginAsync();
        await peer.SendAsync(
            (byte[])[.. RawHttp2.Frame(RawHttp2.Headers, RawHttp2.EndHeaders, 1, RawHttp2.HeadersOf("/exchange.test.v1.EdgeTest/Down", dead.AccessToken)), .. Message("hang")]);
        var open = hub.Services.GetRequiredService<CallLimits>().Streams;
        await UntilAsync(() => open[dead.Id] is 1);
        var began = Stopwatch.GetTimestamp();

        await peer.Closed.WaitAsync(2 * Noticed);
        await UntilAsync(() => open[dead.Id] is 0);

        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.FromSeconds(20), Noticed);
        await Task.Delay(Noticed - Stopwatch.GetElapsedTime(began) + TimeSpan.FromSeconds(10));
        Assert.False(reading.IsCompleted);
        Assert.Equal(1, feed.Connections);
        await stop.CancelAsync();
        await reading;
    }

    [Fact]
    [Trait("Stage", "Full")]
    public async Task Five_thousand_connections_that_say_nothing_more_are_in_nobodys_way()
    {
        await using var hub = await TestHub.StartAsync("idle_connections", EdgeHub.Settings);
        await using var other = new Bystander(await hub.RegisterAsync("other"));
        await other.ServedAsync(500);
        var (alone, quiet, before) = (other.Percentile99(), other.Answered, GC.GetTotalMemory(forceFullCollection: true));
        var peers = new List<RawHttp2>();
        for (var peer = 0; peer < Connections; peer++)
        {
            peers.Add(await RawHttp2.ConnectAsync(hub.Node.Addresses.Grpc, new IPAddress([127, 0, 1, (byte)(1 + (peer % 250))]).ToString()));
            await peers[^1].BeginAsync();
        }

        await other.ServedAsync(500);
        var bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / Connections;
        var open = peers.Count(peer => !peer.Closed.IsCompleted);
        output.WriteLine(
            $"{open} connections idle, {bytes} bytes each with the client's half; others' p99 {alone.TotalMilliseconds:0.0} ms before, {other.Percentile99(quiet).TotalMilliseconds:0.0} ms since");

        Assert.Equal(Connections, open);
        Assert.Null(other.Failed);
        Assert.InRange(bytes, 0, 100_000);
        peers.ForEach(peer => peer.Dispose());
        await other.ServedAsync(500);
    }

    private static async Task ReadAsync(FollowStream feed, CancellationToken stop)
    {
        try
        {
            await foreach (var message in feed.WithCancellation(stop))
            {
                Assert.Empty(message.Batch?.Changes ?? []);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    private static byte[] Message(string text)
    {
        var message = new EdgeMessage { Text = text }.ToByteArray();
        return RawHttp2.Frame(RawHttp2.Data, RawHttp2.EndStream, 1, [0, 0, 0, 0, (byte)message.Length, .. message]);
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
