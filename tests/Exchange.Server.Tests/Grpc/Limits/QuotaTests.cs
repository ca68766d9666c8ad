using Exchange.Server.Grpc.Limits;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using static Exchange.Server.Tests.Grpc.Limits.LimitHub;

namespace Exchange.Server.Tests.Grpc.Limits;

public sealed class QuotaTests
{
    private const string TenADay = "client:EdgeTest/Unary=10/day";

    [Fact]
    public async Task A_quota_survives_a_restart()
    {
        await using var hub = await StartAsync(TenADay);
        var client = await hub.RegisterAsync("loud");
        for (var call = 0; call < 6; call++)
        {
            Assert.Null(await CallAsync(Calls(client)));
        }

        await hub.RestartAsync();

        var (answered, refusal) = await CallUntilRefusedAsync(Calls(client));
        Assert.Equal((4, "QUOTA_EXHAUSTED client 10/day"), (answered, Text(refusal)));
        Assert.InRange(Wait(refusal), TimeSpan.FromTicks(1), TimeSpan.FromDays(1));
        var untilMidnight = DateTimeOffset.UtcNow.Date.AddDays(1) - DateTimeOffset.UtcNow.UtcDateTime;
        Assert.InRange((Wait(refusal) - untilMidnight).TotalMinutes, -1, 1);
    }

    [Fact]
    public async Task A_quota_is_one_for_all_nodes()
    {
        await using var hub = await StartAsync(TenADay);
        var second = await hub.StartSecondNodeAsync();
        var client = await hub.RegisterAsync("loud");
        await CallUntilKnownAsync(second, client);
        for (var call = 0; call < 6; call++)
        {
            Assert.Null(await CallAsync(Calls(client)));
        }

        await StoreAsync(hub);
        await StoreAsync(second);

        var (answered, _) = await CallUntilRefusedAsync(new EdgeTest.EdgeTestClient(client.InvokerOn(second)));
        Assert.Equal(4, answered);
        await StoreAsync(second);
        await StoreAsync(hub);
        Assert.Equal((0, 0), ((await CallUntilRefusedAsync(Calls(client))).Answered, (await CallUntilRefusedAsync(new EdgeTest.EdgeTestClient(client.InvokerOn(second)))).Answered));
    }

    [Fact]
    public async Task What_another_limit_refuses_uses_up_no_quota()
    {
        await using var hub = await StartAsync("client=4/day, department:EdgeTest/Unary=2/day", o => o with { MostStreams = 1 });
        var client = await hub.RegisterAsync("loud");
        using var open = Calls(client).Both();
        await open.RequestStream.WriteAsync(new EdgeMessage());
        Assert.True(await open.ResponseStream.MoveNext(CancellationToken.None));
        for (var call = 0; call < 5; call++)
        {
            using var beyond = Calls(client).Both();
            Assert.Equal("TOO_MANY_STREAMS client 1/", Text(await Assert.ThrowsAsync<RpcException>(() => beyond.ResponseStream.MoveNext(CancellationToken.None))));
        }

        Assert.Equal((2, "QUOTA_EXHAUSTED department 2/day"), await CallUntilRefusedAsync(Calls(client)) is var (answered, refusal) ? (answered, Text(refusal)) : default);
        await CallUntilRefusedAsync(Calls(client));

        // One stream and two calls of four: the fourth is still there.
        await open.RequestStream.CompleteAsync();
        Assert.False(await open.ResponseStream.MoveNext(CancellationToken.None));
        using var last = Calls(client).Both();
        await last.RequestStream.WriteAsync(new EdgeMessage());
        Assert.True(await last.ResponseStream.MoveNext(CancellationToken.None));
    }

    [Fact]
    public void A_quota_begins_anew_with_its_period_and_not_before()
    {
        var time = new FixedTime(new DateTimeOffset(2026, 3, 1, 9, 59, 0, TimeSpan.Zero));
        var quota = new Quota(new LimitRule(LimitScope.Client, null, 2, LimitPeriod.Hour), time);
        Assert.True(quota.TryTake("loud", out _) && quota.TryTake("loud", out _));

        Assert.False(quota.TryTake("loud", out var wait));
        Assert.Equal(TimeSpan.FromMinutes(1), wait);
        Assert.True(quota.TryTake("quiet", out _));
        time.Now += wait - TimeSpan.FromTicks(1);
        Assert.False(quota.TryTake("loud", out _));
        time.Now += TimeSpan.FromTicks(1);
        Assert.True(quota.TryTake("loud", out _));
        Assert.Equal([new QuotaUse("hour client loud", time.Now, 1)], quota.Pending());
    }

    [Fact]
    public void What_is_on_its_way_to_the_database_counts_once()
    {
        var time = new FixedTime(new DateTimeOffset(2026, 3, 1, 9, 0, 0, TimeSpan.Zero));
        var quota = new Quota(new LimitRule(LimitScope.Client, null, 10, LimitPeriod.Hour), time);
        for (var call = 0; call < 3; call++)
        {
            quota.TryTake("loud", out _);
        }

        var sent = quota.Pending().Single();
        quota.TryTake("loud", out _);
        quota.Store(sent with { Used = 5 }, sent.Used);

        // Two of another node, three of this one, and one since.
        var left = 0;
        while (quota.TryTake("loud", out _))
        {
            left++;
        }

        Assert.Equal(4, left);
        Assert.Equal(5, quota.Pending().Single().Used);
    }

    private static async Task CallUntilKnownAsync(TestHub node, TestClient client)
    {
        // The second node learns of a new client a moment later.
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (node.Services.GetRequiredService<Server.Identity.ClientDirectory>().Find(client.Id) is null)
        {
            await Task.Delay(10, deadline.Token);
        }
    }

    private static Task StoreAsync(TestHub node) => node.Services.GetServices<IHostedService>().OfType<Quotas>().Single().StoreAsync(CancellationToken.None);

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
