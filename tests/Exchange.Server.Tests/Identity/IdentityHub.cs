using System.Diagnostics;
using System.Security.Cryptography;
using Exchange.Server.Tests.Grpc;
using Exchange.Server.Tests.Identity;
using Grpc.Core;

[assembly: AssemblyFixture(typeof(IdentityHub))]

namespace Exchange.Server.Tests.Identity;

/// <summary>One hub for the tests of tokens, with the key that signs them.</summary>
public sealed class IdentityHub : IAsyncLifetime
{
    private static readonly TimeSpan CallsEnd = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim turn = new(1);
    private TestHub? hub;
    private TestClient? client;

    /// <summary>Key of the hub's access tokens.</summary>
    public ECDsa SigningKey { get; private set; } = ECDsa.Create();

    /// <summary>The hub and a client of it, started at first use.</summary>
    public async Task<(TestHub Hub, TestClient Client)> StartedAsync()
    {
        await turn.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (client is null)
            {
                hub = await TestHub.StartAsync("identity", EdgeHub.Settings);
                SigningKey.Dispose();
                SigningKey = hub.SigningKey;
                client = await hub.RegisterAsync("water");
            }

            return (hub!, client);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>A good access token, to be spoilt.</summary>
    public async Task<ForgedToken> GoodTokenAsync() => ForgedToken.Parse((await StartedAsync()).Client.AccessToken, SigningKey);

    /// <summary>How the hub answers a call with this token: OK, or why not.</summary>
    public async Task<string> AnswerAsync(string token) => await AnswerAsync(TestClient.With((await StartedAsync()).Hub, token));

    /// <summary>How the hub answers a call made so: OK, or why not.</summary>
    public static async Task<string> AnswerAsync(CallInvoker invoker, Metadata? metadata = null)
    {
        try
        {
            await new EdgeTest.EdgeTestClient(invoker).UnaryAsync(new EdgeMessage(), metadata);
            return "OK";
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.Unauthenticated)
        {
            return e.Reason();
        }
    }

    /// <summary>Fails unless a call made so is answered like this within the five seconds that are promised (reliability E4).</summary>
    public static async Task EventuallyAsync(string expected, CallInvoker calls)
    {
        var began = Stopwatch.StartNew();
        string reason;
        while ((reason = await AnswerAsync(calls)) != expected && began.Elapsed < CallsEnd)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        Assert.Equal(expected, reason);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        turn.Dispose();
        SigningKey.Dispose();
        if (hub is not null)
        {
            await hub.DisposeAsync();
        }
    }
}
