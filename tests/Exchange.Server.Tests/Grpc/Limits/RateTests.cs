using System.Diagnostics;
using Exchange.Protos.V1;
using Exchange.Server.Tests.Faults.Floods;
using Grpc.Core;
using static Exchange.Server.Tests.Grpc.Limits.LimitHub;
using AuditCaller = Exchange.Protos.V1.AuditService.AuditServiceClient;

namespace Exchange.Server.Tests.Grpc.Limits;

/// <summary>Reliability I3: over time a client and a department get the rate that is configured, however much more they send.</summary>
[Collection(Exchange.Testing.LoadCollection.Name)]
public sealed class RateTests(ITestOutputHelper output)
{
    private const int Limit = 20;

    [Fact]
    public Task Ten_times_the_rate_for_six_seconds_gets_the_rate() => MeasureAsync(TimeSpan.FromSeconds(6), isBurstCounted: false);

    [Fact]
    [Trait("Stage", "Full")]
    public Task Ten_times_the_rate_for_a_minute_gets_the_rate() => MeasureAsync(TimeSpan.FromSeconds(60), isBurstCounted: true);

    // The machine is shared with whoever sends: what others lose to that is measured beside a hub without the limit, in turn, and told.
    [Fact]
    [Trait("Stage", "Full")]
    public async Task A_client_at_a_hundred_times_its_limit_takes_less_from_others_than_one_without()
    {
        await using var limited = await StartAsync($"client:AuditService/ListEvents={Limit}/second");
        await using var unlimited = await StartAsync("client=1000000/second");
        var (alone, within, beyond, without) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        var clients = new List<(TestHub Hub, TestClient Quiet, AuditCaller Loud)>();
        foreach (var hub in new[] { limited, unlimited })
        {
            clients.Add((hub, await hub.RegisterAsync("quiet"), new AuditCaller((await hub.RegisterAsync("loud", role: Role.Auditor)).Invoker)));
        }

        for (var round = 0; round < 7; round++)
        {
            alone.Add(await QuietAsync(clients[0].Quiet, null));
            within.Add(await QuietAsync(clients[0].Quiet, clients[0].Loud, Limit));
            beyond.Add(await QuietAsync(clients[0].Quiet, clients[0].Loud, 100 * Limit));
            without.Add(await QuietAsync(clients[1].Quiet, clients[1].Loud, 100 * Limit));
        }

        output.WriteLine($"median p99 of others in ms: {Median(alone):0.00} alone, {Median(within):0.00} beside a client at its limit, {Median(beyond):0.00} beside it at 100 times its limit, {Median(without):0.00} were there no limit");
        Assert.True(Median(beyond) < Median(without), "the limit helps nobody");
    }

    private async Task MeasureAsync(TimeSpan time, bool isBurstCounted)
    {
        const int OfClient = 200;
        const int OfDepartment = 300;
        await using var hub = await StartAsync($"client:EdgeTest/Unary={OfClient}/second, department:EdgeTest/Unary={OfDepartment}/second");
        var single = Calls(await hub.RegisterAsync("single"));
        var (first, second) = (Calls(await hub.RegisterAsync("pair", "pair-1")), Calls(await hub.RegisterAsync("pair", "pair-2")));
        if (!isBurstCounted)
        {
            await Task.WhenAll(new[] { single, first, second }.Select(calls => DriveAsync(() => CallAsync(calls), 10 * OfClient, TimeSpan.FromSeconds(1))));
        }

        var served = await Task.WhenAll(new[] { single, first, second }.Select(calls => DriveAsync(() => CallAsync(calls), 10 * OfClient, time)));

        output.WriteLine($"{served[0].PerSecond:0.0} of {OfClient} a second, {served[1].PerSecond + served[2].PerSecond:0.0} of {OfDepartment}; {served.Sum(one => one.Sent)} calls sent");
        Assert.InRange(served[0].PerSecond, 0.95 * OfClient, 1.05 * OfClient);
        Assert.InRange(served[1].PerSecond + served[2].PerSecond, 0.95 * OfDepartment, 1.05 * OfDepartment);
    }

    private static async Task<double> QuietAsync(TestClient quiet, AuditCaller? loud, int perSecond = 0)
    {
        await using var bystander = new Bystander(quiet);
        if (loud is null)
        {
            await Task.Delay(TimeSpan.FromSeconds(4));
        }
        else
        {
            await DriveAsync(() => ListAsync(loud), perSecond, TimeSpan.FromSeconds(4));
        }

        Assert.Null(bystander.Failed);
        return bystander.Percentile99().TotalMilliseconds;
    }

    private static async Task<RpcException?> ListAsync(AuditCaller loud)
    {
        try
        {
            await loud.ListEventsAsync(new ListEventsRequest { Partition = 1000, PageSize = 500 });
            return null;
        }
        catch (RpcException e)
        {
            return e;
        }
    }

    // At its own pace, whatever becomes of the calls; few enough at a time that the sender is not what is measured.
    private static async Task<(double PerSecond, int Sent)> DriveAsync(Func<Task<RpcException?>> call, double perSecond, TimeSpan time)
    {
        const int MostAtOnce = 200;
        var began = Stopwatch.GetTimestamp();
        var (sent, served, underWay) = (0, 0, 0);
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (Stopwatch.GetElapsedTime(began) is var elapsed && elapsed < time)
        {
            for (var due = (int)(elapsed.TotalSeconds * perSecond); sent < due && Volatile.Read(ref underWay) < MostAtOnce; sent++)
            {
                Interlocked.Increment(ref underWay);
                _ = OneAsync();
            }

            await beat.WaitForNextTickAsync();
        }

        var took = Stopwatch.GetElapsedTime(began);
        var inTime = Volatile.Read(ref served);
        while (Volatile.Read(ref underWay) > 0)
        {
            await beat.WaitForNextTickAsync();
        }

        return (inTime / took.TotalSeconds, sent);

        async Task OneAsync()
        {
            if (await call() is null)
            {
                Interlocked.Increment(ref served);
            }

            Interlocked.Decrement(ref underWay);
        }
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
