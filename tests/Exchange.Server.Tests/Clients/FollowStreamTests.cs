using Exchange.Clients;
using Exchange.Clients.Feed;
using Exchange.Clients.Identity;
using Exchange.Protos.V1;

namespace Exchange.Server.Tests.Clients;

public sealed class FollowStreamTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Everything_pushed_arrives_once_tokens_expire_and_coverage_is_proven()
    {
        await using var hub = await ClientHub.StartAsync("client_follow", new TestHubSettings { Options = o => o with { AccessTokenLifetime = TimeSpan.FromSeconds(2) } });
        var hotline = await hub.RegisterAsync("hotline");
        var supervision = await hub.RegisterAsync("supervision-office");
        await using var stream = await FollowAsync(supervision, new MemoryCheckpointStore());
        var seen = new HashSet<(int, long)>();
        var pushed = 0;

        // One batch after the other until the stream was opened three times: twice after its token's end.
        while (stream.Connections < 3)
        {
            await Tickets.PushAsync(hotline, $"p{pushed}", Enumerable.Range(pushed + 1, 40));
            pushed += 40;
            await ReadUntilAsync(stream, () => seen.Count == pushed, seen);
        }

        Assert.Equal(pushed, seen.Count);
        Assert.True(stream.Coverage.Covers(await HeadsAsync(supervision)));
    }

    [Fact]
    public async Task A_proxy_that_drops_one_batch_makes_the_proof_fail()
    {
        await using var hub = await ClientHub.StartAsync("client_follow_proxy");
        var hotline = await hub.RegisterAsync("hotline");
        await using var honest = await DroppingProxy.StartAsync(hub.Hub.Node.Addresses.Grpc, 0);
        await using var dropping = await DroppingProxy.StartAsync(hub.Hub.Node.Addresses.Grpc, 2);
        var through = await hub.RegisterAsync("supervision-office", options: o => o with { Address = honest.Address });
        var robbed = await hub.RegisterAsync("supervision-office", options: o => o with { Address = dropping.Address });
        await using var whole = await FollowAsync(through, new MemoryCheckpointStore());
        await using var holed = await FollowAsync(robbed, new MemoryCheckpointStore());

        for (var push = 0; push < 4; push++)
        {
            await Tickets.PushAsync(hotline, $"p{push}", Enumerable.Range((push * 30) + 1, 30));
        }

        var heads = await HeadsAsync(await hub.RegisterAsync("supervision-office"));
        await ReadUntilAsync(whole, () => whole.Coverage.Covers(heads));
        await ReadUntilAsync(holed, () => !holed.Coverage.IsContiguous);

        Assert.True(whole.Coverage.IsContiguous);
        Assert.False(holed.Coverage.Covers(heads));
        Assert.NotEmpty(holed.Coverage.Gaps);
    }

    [Fact]
    public async Task A_proxy_that_drops_the_last_batch_is_found_out_at_the_next_idle_one_and_who_starts_again_gets_what_was_lost()
    {
        await using var hub = await ClientHub.StartAsync("client_follow_last");
        var hotline = await hub.RegisterAsync("hotline");
        await using var proxy = await DroppingProxy.StartAsync(hub.Hub.Node.Addresses.Grpc, 0);
        var (id, key) = await hub.RegisterKeyAsync("supervision-office");
        var robbed = hub.Connect(ClientCredential.PrivateKey(id, key), o => o with { Address = proxy.Address });
        var store = new MemoryCheckpointStore();
        var seen = new HashSet<(int, long)>();
        await using (var stream = await FollowAsync(robbed, store))
        {
            await Tickets.PushAsync(hotline, "p", Enumerable.Range(1, 40));
            await ReadUntilAsync(stream, () => seen.Count == 40, seen);
            proxy.DropNext();
            await Tickets.PushAsync(hotline, "q", [41]);

            await ReadUntilAsync(stream, () => !stream.Coverage.IsContiguous, seen);
            await stream.CommitAsync(TestContext.Current.CancellationToken);

            Assert.Equal(40, seen.Count);
        }

        await using var again = await FollowAsync(hub.Connect(ClientCredential.PrivateKey(id, key)), store);
        await ReadUntilAsync(again, () => seen.Count == 41, seen);

        Assert.True(again.Coverage.Covers(await HeadsAsync(robbed)));
    }

    [Fact]
    public async Task A_follower_that_starts_again_goes_on_from_its_stored_checkpoint()
    {
        await using var hub = await ClientHub.StartAsync("client_follow_restart");
        var hotline = await hub.RegisterAsync("hotline");
        var supervision = await hub.RegisterAsync("supervision-office");
        var folder = Directory.CreateTempSubdirectory("follow-");
        var store = new FileCheckpointStore(Path.Combine(folder.FullName, "checkpoint.json"));
        var seen = new HashSet<(int, long)>();
        await Tickets.PushAsync(hotline, "p1", Enumerable.Range(1, 60));
        await using (var first = await FollowAsync(supervision, store))
        {
            await ReadUntilAsync(first, () => seen.Count == 60, seen);
            await first.CommitAsync(TestContext.Current.CancellationToken);
        }

        await Tickets.PushAsync(hotline, "p2", Enumerable.Range(61, 60));
        await using var second = await FollowAsync(supervision, store);
        var after = new HashSet<(int, long)>();
        await ReadUntilAsync(second, () => after.Count == 60, after);

        Assert.Equal(120, seen.Union(after).Count());
        Assert.True(second.Coverage.Covers(await HeadsAsync(supervision)));
        folder.Delete(recursive: true);
    }

    private static Task<FollowStream> FollowAsync(ExchangeClient client, ICheckpointStore store) =>
        client.Feed.FollowAsync(new FollowRequest { Resource = Tickets.Resource, Purpose = Purpose.Regulation, Beginning = true }, store, TestContext.Current.CancellationToken);

    private static Task<IReadOnlyDictionary<int, long>> HeadsAsync(ExchangeClient client) =>
        client.Feed.GetHeadsAsync(new FollowRequest { Resource = Tickets.Resource, Purpose = Purpose.Regulation }, TestContext.Current.CancellationToken);

    /// <summary>Takes messages until the condition holds, noting where the changes stand.</summary>
    private static async Task ReadUntilAsync(FollowStream stream, Func<bool> until, HashSet<(int, long)>? seen = null)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(_patience);
        if (until())
        {
            return;
        }

        await foreach (var message in stream.WithCancellation(deadline.Token))
        {
            foreach (var change in message.Batch?.Changes ?? [])
            {
                seen?.Add((change.Partition, change.Position));
            }

            if (until())
            {
                return;
            }
        }
    }
}
