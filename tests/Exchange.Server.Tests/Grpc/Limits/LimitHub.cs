using Exchange.Server.Grpc.Limits;
using Exchange.Server.Hosting;
using Google.Rpc;
using Grpc.Core;

namespace Exchange.Server.Tests.Grpc.Limits;

/// <summary>Hubs with limits of a test's own, and calls to them.</summary>
internal static class LimitHub
{
    /// <summary>A hub with the test service and these limits.</summary>
    public static Task<TestHub> StartAsync(string limits, Func<HubOptions, HubOptions>? change = null) => TestHub.StartAsync(
        "limits", EdgeHub.Settings with { Options = o => (change ?? (same => same))(o with { Limits = LimitRules.Parse(limits) }) });

    /// <summary>The test service as a client.</summary>
    public static EdgeTest.EdgeTestClient Calls(TestClient client) => new(client.Invoker);

    /// <summary>One call: null when it is answered, else why it is refused.</summary>
    public static async Task<RpcException?> CallAsync(EdgeTest.EdgeTestClient calls)
    {
        try
        {
            await calls.UnaryAsync(new EdgeMessage());
            return null;
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.ResourceExhausted)
        {
            return e;
        }
    }

    /// <summary>Calls until one is refused; how many were answered, and the refusal.</summary>
    public static async Task<(int Answered, RpcException Refusal)> CallUntilRefusedAsync(EdgeTest.EdgeTestClient calls, int most = 10_000)
    {
        for (var answered = 0; answered < most; answered++)
        {
            if (await CallAsync(calls) is { } refusal)
            {
                return (answered, refusal);
            }
        }

        throw new InvalidOperationException($"{most} calls were answered");
    }

    /// <summary>Reason, scope, limit and period that a refusal names.</summary>
    public static string Text(RpcException refusal)
    {
        var info = refusal.Detail<ErrorInfo>()!;
        return $"{info.Reason} {info.Metadata["scope"]} {info.Metadata["limit"]}/{info.Metadata["period"]}";
    }

    /// <summary>When to come again.</summary>
    public static TimeSpan Wait(RpcException refusal) => refusal.Detail<RetryInfo>()!.RetryDelay.ToTimeSpan();
}
