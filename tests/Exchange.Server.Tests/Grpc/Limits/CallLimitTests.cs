using System.Collections.Concurrent;
using System.Net;
using Exchange.Clients;
using Exchange.Clients.Identity;
using Exchange.Protos.V1;
using Exchange.Server.Grpc.Connections;
using Exchange.Server.Grpc.Limits;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using static Exchange.Server.Tests.Grpc.Limits.LimitHub;

namespace Exchange.Server.Tests.Grpc.Limits;

public sealed class CallLimitTests
{
    [Fact]
    public async Task A_call_beyond_a_rate_is_refused_with_the_limit_and_the_time_after_which_it_is_served()
    {
        await using var hub = await StartAsync("client:EdgeTest/Unary=2/minute");
        var (loud, quiet) = (Calls(await hub.RegisterAsync("loud")), Calls(await hub.RegisterAsync("quiet")));

        var (answered, refusal) = await CallUntilRefusedAsync(loud);

        Assert.Equal((1, "RATE_LIMITED client 2/minute"), (answered, Text(refusal)));
        Assert.Contains("2 calls of EdgeTest/Unary a minute from one client", refusal.Status.Detail, StringComparison.Ordinal);
        Assert.InRange(Wait(refusal).TotalSeconds, 1, 30);
        Assert.Null(await CallAsync(quiet));
    }

    [Fact]
    public async Task Who_goes_far_beyond_its_limit_is_answered_late_and_nobody_else_is()
    {
        await using var hub = await StartAsync("client:EdgeTest/Unary=1/minute");
        var (loud, quiet) = (Calls(await hub.RegisterAsync("loud")), await hub.RegisterAsync("quiet"));
        await CallUntilRefusedAsync(Calls(quiet));

        var hammered = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(_ => TimedAsync(loud)));
        var beside = hub.Services.GetRequiredService<CallLimits>().Take(new(quiet.Department, quiet.Id, Exchange.Catalog.Role.DepartmentSystem), "/exchange.test.v1.EdgeTest/Unary");

        var refused = hammered.Where(call => call.Refusal is not null).ToList();
        Assert.Equal(999, refused.Count);
        Assert.All(refused, call => Assert.Equal("RATE_LIMITED client 1/minute", Text(call.Refusal!)));
        Assert.Contains(refused, call => call.Time >= 0.9 * CallLimits.LateAnswer);
        Assert.Equal(TimeSpan.Zero, beside!.Value.Delay);

        static async Task<(RpcException? Refusal, TimeSpan Time)> TimedAsync(EdgeTest.EdgeTestClient calls)
        {
            var began = System.Diagnostics.Stopwatch.StartNew();
            return (await CallAsync(calls), began.Elapsed);
        }
    }

    [Fact]
    public async Task Waiting_as_long_as_told_helps()
    {
        await using var hub = await StartAsync("client:EdgeTest/Unary=3/second");
        var calls = Calls(await hub.RegisterAsync("loud"));
        for (var round = 0; round < 3; round++)
        {
            var (_, refusal) = await CallUntilRefusedAsync(calls);
            await Task.Delay(Wait(refusal) + TimeSpan.FromMilliseconds(1));

            Assert.Null(await CallAsync(calls));
        }
    }

    [Fact]
    public async Task The_clients_of_a_department_share_its_limit_and_streams_count_as_one_call()
    {
        await using var hub = await StartAsync("department:EdgeTest/Unary=2/minute, client:EdgeTest/Down=1/minute");
        var (first, second) = (Calls(await hub.RegisterAsync("loud", "loud-1")), Calls(await hub.RegisterAsync("loud", "loud-2")));

        Assert.Null(await CallAsync(first));
        Assert.Equal("RATE_LIMITED department 2/minute", Text((await CallAsync(second))!));
        Assert.Equal(1, await first.Down(new EdgeMessage()).ResponseStream.ReadAllAsync().CountAsync());
        var refused = await Assert.ThrowsAsync<RpcException>(() => first.Down(new EdgeMessage()).ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal("RATE_LIMITED client 1/minute", Text(refused));
    }

    [Fact]
    public async Task A_client_beyond_its_own_limit_does_not_use_up_its_departments()
    {
        await using var hub = await StartAsync("client:EdgeTest/Unary=1/minute, department=50/second");
        var (loud, quiet) = (Calls(await hub.RegisterAsync("loud", "loud-1")), Calls(await hub.RegisterAsync("loud", "loud-2")));
        for (var call = 0; call < 200; call++)
        {
            await CallAsync(loud);
        }

        Assert.Null(await CallAsync(quiet));
    }

    [Fact]
    public async Task An_address_has_one_limit_for_all_it_sends_with_or_without_a_token()
    {
        await using var hub = await StartAsync("address=30/second");
        var client = await hub.RegisterAsync("loud");
        var anonymous = new EdgeTest.EdgeTestClient(hub.Anonymous);
        var reasons = new ConcurrentDictionary<string, int>();
        using var enough = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var flood = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                reasons.AddOrUpdate((await Assert.ThrowsAsync<RpcException>(() => anonymous.UnaryAsync(new EdgeMessage()).ResponseAsync)).Reason(), 1, (_, count) => count + 1);
            }
        })));
        HttpResponseMessage refused;
        do
        {
            refused = await TestClient.RequestAsync(hub, client.Assertion());
        }
        while (refused.StatusCode is HttpStatusCode.OK);

        using var health = await hub.Http.GetAsync(new Uri("/health", UriKind.Relative));
        await enough.CancelAsync();
        await flood;
        Assert.Equal(["RATE_LIMITED", "TOKEN_MISSING"], reasons.Keys.Order());
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        await Task.Delay(refused.Headers.RetryAfter!.Delta!.Value);
        await client.SignInAsync();
        Assert.Null(await CallAsync(Calls(client)));
    }

    [Fact]
    public async Task A_client_has_so_many_streams_open_and_closing_one_helps()
    {
        await using var hub = await StartAsync("client=1000/second", o => o with { MostStreams = 2 });
        var calls = Calls(await hub.RegisterAsync("loud"));
        using var first = calls.Both();
        using var second = calls.Both();
        foreach (var stream in new[] { first, second })
        {
            await stream.RequestStream.WriteAsync(new EdgeMessage());
            Assert.True(await stream.ResponseStream.MoveNext(CancellationToken.None));
        }

        using var third = calls.Both();
        var refused = await Assert.ThrowsAsync<RpcException>(() => third.ResponseStream.MoveNext(CancellationToken.None));
        var unary = await CallAsync(calls);
        using var other = Calls(await hub.RegisterAsync("quiet")).Both();
        await other.RequestStream.WriteAsync(new EdgeMessage());
        await first.RequestStream.CompleteAsync();
        Assert.False(await first.ResponseStream.MoveNext(CancellationToken.None));

        Assert.Equal("TOO_MANY_STREAMS client 2/", Text(refused));
        Assert.Null(unary);
        Assert.True(await other.ResponseStream.MoveNext(CancellationToken.None));
        using var fourth = calls.Both();
        await fourth.RequestStream.WriteAsync(new EdgeMessage());
        Assert.True(await fourth.ResponseStream.MoveNext(CancellationToken.None));
        fourth.Dispose();
        second.Dispose();
        await UntilAsync(() => hub.Services.GetRequiredService<CallLimits>().Streams[new("loud-system")] is 0);
    }

    [Fact]
    public async Task A_client_is_on_so_many_connections_and_those_it_has_go_on()
    {
        await using var hub = await StartAsync("client=1000/second", o => o with { MostConnectionsOfClient = 2 });
        var client = await hub.RegisterAsync("loud");
        var connections = hub.Services.GetRequiredService<HubConnections>();
        var channels = Enumerable.Range(0, 3).Select(_ => GrpcChannel.ForAddress(hub.Node.Addresses.Grpc)).ToList();
        Task CallOnAsync(GrpcChannel channel) =>
            new EdgeTest.EdgeTestClient(channel).UnaryAsync(new EdgeMessage(), new Metadata { { "authorization", $"Bearer {client.AccessToken}" } }).ResponseAsync;
        await CallOnAsync(channels[0]);
        await CallOnAsync(channels[1]);

        var refused = await Assert.ThrowsAsync<RpcException>(() => CallOnAsync(channels[2]));
        await CallOnAsync(channels[0]);
        Assert.Equal(2, connections.Count(client.Id));
        channels[0].Dispose();
        await UntilAsync(() => connections.Count(client.Id) is 1);
        await CallOnAsync(channels[2]);

        Assert.Equal("TOO_MANY_CONNECTIONS client 2/", Text(refused));
        channels.ForEach(channel => channel.Dispose());
        await UntilAsync(() => connections.Count(client.Id) is 0);
    }

    [Fact]
    public async Task The_connections_that_a_trusted_proxy_makes_for_a_client_are_its_own_affair()
    {
        await using var hub = await StartAsync("client=1000/second", o => o with { MostConnectionsOfClient = 2, TrustedProxies = [System.Net.IPNetwork.Parse("127.0.0.0/8")] });
        var client = await hub.RegisterAsync("loud");
        var channels = Enumerable.Range(0, 5).Select(_ => GrpcChannel.ForAddress(hub.Node.Addresses.Grpc)).ToList();

        foreach (var channel in channels)
        {
            await new EdgeTest.EdgeTestClient(channel).UnaryAsync(new EdgeMessage(), new Metadata { { "authorization", $"Bearer {client.AccessToken}" } });
        }

        channels.ForEach(channel => channel.Dispose());
    }

    [Fact]
    public async Task The_client_library_waits_as_long_as_told_and_not_for_tomorrow()
    {
        await using var hub = await StartAsync("client:DepartmentsService/CreateDepartment=1/second, client:DepartmentsService/ListDepartments=1/day");
        await using var library = new ExchangeClient(new ExchangeClientOptions
        {
            Address = hub.Node.Addresses.Grpc,
            TokenEndpoint = new Uri(hub.Node.Addresses.TokenEndpoint),
            Credential = ClientCredential.PrivateKey("operator", ClientKey.FromPem(await File.ReadAllTextAsync(Path.Combine(hub.Options.DataDirectory, "operator-key.pem")))),
        });

        // Not safe to repeat, but refused before anything was done.
        foreach (var id in new[] { "first", "second", "third" })
        {
            await library.Departments.CreateAsync(new Department { Name = $"departments/{id}", DisplayName = id, Level = AdministrativeLevel.City }, CancellationToken.None);
        }

        await library.Departments.ListAsync(CancellationToken.None).CountAsync();
        var refused = await Assert.ThrowsAsync<ExchangeException>(async () => await library.Departments.ListAsync(CancellationToken.None).CountAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal((StatusCode.ResourceExhausted, "QUOTA_EXHAUSTED"), (refused.Code, refused.Reason));
        Assert.True(refused.RetryDelay > TimeSpan.Zero);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            await Task.Delay(5, deadline.Token);
        }
    }
}
