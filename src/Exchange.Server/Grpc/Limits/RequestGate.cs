using System.Globalization;
using System.Text.Json;
using Exchange.Catalog;
using Exchange.Server.Grpc.Connections;
using Exchange.Server.Identity;
using Microsoft.AspNetCore.Authorization;

namespace Exchange.Server.Grpc.Limits;

/// <summary>
/// In front of everything that is served, in gRPC or not: counts requests by address and watches for those that are reset at once. Health is not counted: to answer
/// costs no more than to refuse, and a balancer that hears a refusal takes the node for dead.
/// </summary>
internal sealed class RequestGate(RequestDelegate next, CallLimits limits, HubConnections connections, RefusedRequests refused)
{
    /// <summary>Handles one request.</summary>
    public async Task InvokeAsync(HttpContext http)
    {
        var connection = http.Features.Get<HubConnection>();
        await using var watch = connection is null ? default : connections.Watch(connection, http);
        var isFree = connection is { IsOfProxy: true } || http.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null;
        if (!isFree && limits.Take(connection?.Address ?? AddressKey.Of(http.Connection.RemoteIpAddress)) is { } refusal)
        {
            refused.Add(http, refusal.Reason.Code);
            await RefuseAsync(http, refusal);
            return;
        }

        await next(http);
    }

    private static async Task RefuseAsync(HttpContext http, Refusal refusal)
    {
        if (StatusResponse.IsAwaited(http.Request))
        {
            await StatusResponse.WriteAsync(http, refusal.ToDetails(), isOneMessage: true);
            return;
        }

        // RFC 6585 section 4; whole seconds (RFC 9110 section 10.2.3).
        http.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        http.Response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(refusal.RetryAfter!.Value.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        http.Response.Headers.CacheControl = "no-store";
        http.Response.ContentType = "application/json";
        var body = new Dictionary<string, string> { ["error"] = "temporarily_unavailable", ["error_description"] = refusal.Message };
        await http.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(body), http.RequestAborted);
    }
}
