using Exchange.Server.Tests.Grpc;
using Microsoft.AspNetCore.Builder;

[assembly: AssemblyFixture(typeof(EdgeHub))]

namespace Exchange.Server.Tests.Grpc;

/// <summary>One hub with the test service for all tests of the edge.</summary>
public sealed class EdgeHub : IAsyncLifetime
{
    public static readonly TestHubSettings Settings = new() { Map = application => application.MapGrpcService<EdgeTestService>() };

    private readonly SemaphoreSlim turn = new(1);
    private TestHub? hub;
    private TestClient? client;

    /// <summary>The hub, started at first use.</summary>
    public async Task<TestHub> HubAsync()
    {
        await turn.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            hub ??= await TestHub.StartAsync("edge", Settings);
            client ??= await hub.RegisterAsync("edge");
            return hub;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>A department's machine.</summary>
    public async Task<TestClient> ClientAsync()
    {
        await HubAsync();
        return client!;
    }

    /// <summary>Calls the test service as a department's machine.</summary>
    public async Task<EdgeTest.EdgeTestClient> CallsAsync()
    {
        return new EdgeTest.EdgeTestClient((await ClientAsync()).Invoker);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        turn.Dispose();
        if (hub is not null)
        {
            await hub.DisposeAsync();
        }
    }
}
