using System.Net;
using System.Net.Sockets;
using Exchange.Testing;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Exchange.Server.Tests.Grpc;

public sealed class HealthTests(EdgeHub edge)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Anybody_may_ask_for_the_hub_or_one_of_its_services()
    {
        var health = new Health.HealthClient((await edge.HubAsync()).Anonymous);

        Assert.Equal(ServingStatus.Serving, (await health.CheckAsync(new HealthCheckRequest())).Status);
        Assert.Equal(ServingStatus.Serving, (await health.CheckAsync(new HealthCheckRequest { Service = "grpc.reflection.v1.ServerReflection" })).Status);
        Assert.Equal((StatusCode.NotFound, "SERVICE_NOT_FOUND"), await TestStatus.RefusalOf(() => health.CheckAsync(new HealthCheckRequest { Service = "no.such" }).ResponseAsync));
    }

    [Fact]
    public async Task The_list_has_the_hub_and_every_service()
    {
        var list = await new Health.HealthClient((await edge.HubAsync()).Anonymous).ListAsync(new HealthListRequest());

        Assert.All(["", "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "exchange.test.v1.EdgeTest"], name => Assert.Equal(ServingStatus.Serving, list.Statuses[name].Status));
    }

    [Fact]
    public async Task A_watched_service_that_is_not_there_is_unknown_and_the_watch_stays_open()
    {
        using var watch = new Health.HealthClient((await edge.HubAsync()).Anonymous).Watch(new HealthCheckRequest { Service = "no.such" });

        Assert.Equal(ServingStatus.ServiceUnknown, await NextAsync(watch));
        Assert.False(watch.ResponseStream.MoveNext(CancellationToken.None).IsCompleted);
    }

    [Fact]
    public async Task One_address_cannot_take_every_place_of_those_who_watch()
    {
        await using var hub = await TestHub.StartAsync("health");
        var health = new Health.HealthClient(hub.Anonymous);
        var watches = Enumerable.Range(0, 50).Select(_ => health.Watch(new HealthCheckRequest())).ToList();
        foreach (var watch in watches)
        {
            Assert.Equal(ServingStatus.Serving, await NextAsync(watch));
        }

        using var more = health.Watch(new HealthCheckRequest());
        Assert.Equal((StatusCode.ResourceExhausted, "TOO_MANY_WATCHERS"), await TestStatus.RefusalOf(() => NextAsync(more)));
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.9"), 0));
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var channel = GrpcChannel.ForAddress(hub.Node.Addresses.Grpc, new GrpcChannelOptions { HttpHandler = handler });
        using var elsewhere = new Health.HealthClient(channel).Watch(new HealthCheckRequest());
        Assert.Equal(ServingStatus.Serving, await NextAsync(elsewhere));
        watches[0].Dispose();
        using var patience = new CancellationTokenSource(Patience);
        while (!await MayWatchAsync(health))
        {
            await Task.Delay(10, patience.Token);
        }

        watches.ForEach(watch => watch.Dispose());
    }

    [Fact]
    public async Task What_anybody_may_ask_for_is_not_logged()
    {
        await using var hub = await TestHub.StartAsync("health", EdgeHub.Settings);
        await new Health.HealthClient(hub.Anonymous).CheckAsync(new HealthCheckRequest());
        await new EdgeTest.EdgeTestClient((await hub.RegisterAsync("told")).Invoker).UnaryAsync(new EdgeMessage());
        await hub.RegisterAsync("later");

        Assert.Contains(hub.Log.Lines, line => line.Contains("EdgeTest/Unary", StringComparison.Ordinal));
        Assert.DoesNotContain(hub.Log.Lines, line => line.Contains("grpc.health", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_hub_is_not_serving_while_its_database_is_away_and_serves_again_after()
    {
        var postgres = await TestPostgres.StartOwnAsync();
        try
        {
            var connectionString = await postgres.CreateDatabaseAsync("hub", TestContext.Current.CancellationToken);
            await using var hub = await TestHub.StartAsync("health", new() { ConnectionString = connectionString });
            var health = new Health.HealthClient(hub.Anonymous);
            using var watch = health.Watch(new HealthCheckRequest());
            Assert.Equal(ServingStatus.Serving, await NextAsync(watch));

            await postgres.KillAsync(TestContext.Current.CancellationToken);
            Assert.Equal(ServingStatus.NotServing, await NextAsync(watch));
            Assert.Equal(ServingStatus.NotServing, (await health.CheckAsync(new HealthCheckRequest())).Status);
            using (var page = await hub.Http.GetAsync(new Uri("/health", UriKind.Relative)))
            {
                Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, page.StatusCode);
            }

            await postgres.RestartAsync(TestContext.Current.CancellationToken);
            Assert.Equal(ServingStatus.Serving, await NextAsync(watch));
        }
        finally
        {
            await postgres.DisposeAsync();
            TestPostgres.Delete(postgres.DataDirectory);
        }
    }

    private static async Task<bool> MayWatchAsync(Health.HealthClient health)
    {
        using var watch = health.Watch(new HealthCheckRequest());
        try
        {
            return await NextAsync(watch) is ServingStatus.Serving;
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.ResourceExhausted)
        {
            return false;
        }
    }

    private static async Task<ServingStatus> NextAsync(AsyncServerStreamingCall<HealthCheckResponse> watch)
    {
        Assert.True(await watch.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Patience));
        return watch.ResponseStream.Current.Status;
    }
}
