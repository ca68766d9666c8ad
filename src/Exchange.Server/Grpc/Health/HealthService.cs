using Exchange.Catalog;
using Exchange.Server.Grpc.Connections;
using Exchange.Server.Grpc.Limits;
using Exchange.Server.Hosting;
using Grpc.Core;
using Grpc.Health.V1;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Exchange.Server.Grpc;

/// <summary>
/// grpc.health.v1. All services stand and fall together: they share the database. Response header `exchange-unsafe` names what is unsafe on the node, as
/// `plain-http,fsync`; a safe one sends none.
/// </summary>
internal sealed class HealthService(HubHealth health, ServiceCatalog services, UnsafeSettings accepted, HubOptions options) : Health.HealthBase
{
    /// <summary>Response header with the names of what is unsafe on the node and accepted.</summary>
    public const string UnsafeHeader = "exchange-unsafe";

    private const int MostWatchers = 1000;
    private const int MostWatchersOfAddress = 50;

    private readonly OpenCounts<AddressKey> watchersOf = new();
    private int watchers;

    /// <inheritdoc/>
    public override async Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context)
    {
        if (!services.Has(request.Service))
        {
            throw new Refusal(new RefusalReason("SERVICE_NOT_FOUND", RefusalKind.NotFound), "the hub has no such service").ToException();
        }

        await TellUnsafeAsync(context);
        return Response(health.IsServing);
    }

    /// <inheritdoc/>
    public override async Task<HealthListResponse> List(HealthListRequest request, ServerCallContext context)
    {
        await TellUnsafeAsync(context);
        var response = new HealthListResponse();
        foreach (var name in services.Names.Append(""))
        {
            response.Statuses[name] = Response(health.IsServing);
        }

        return response;
    }

    /// <inheritdoc/>
    public override async Task Watch(HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        // Anybody may watch, so there is a bound, of which one address cannot take all.
        var address = context.GetHttpContext().Connection.RemoteIpAddress;
        var key = AddressKey.Of(address);
        if (!watchersOf.TryOpen(key, options.IsTrustedProxy(address) ? MostWatchers : MostWatchersOfAddress))
        {
            throw TooMany(MostWatchersOfAddress, "from an address");
        }

        try
        {
            if (Interlocked.Increment(ref watchers) > MostWatchers)
            {
                throw TooMany(MostWatchers, "a node");
            }

            await TellUnsafeAsync(context);
            while (true)
            {
                var (isServing, changed) = health.Current;
                await responseStream.WriteAsync(services.Has(request.Service) ? Response(isServing) : new HealthCheckResponse { Status = ServingStatus.ServiceUnknown });
                await changed.WaitAsync(context.CancellationToken);
            }
        }
        finally
        {
            Interlocked.Decrement(ref watchers);
            watchersOf.Close(key);
        }
    }

    private static RpcException TooMany(int most, string whose) =>
        new Refusal(new RefusalReason("TOO_MANY_WATCHERS", RefusalKind.ResourceExhausted), $"at most {most} watch {whose} at once; use Check").ToException();

    private Task TellUnsafeAsync(ServerCallContext context) =>
        accepted.Settings.Count is 0 ? Task.CompletedTask : context.WriteResponseHeadersAsync(new Metadata { { UnsafeHeader, accepted.ToString() } });

    private static HealthCheckResponse Response(bool isServing) => new() { Status = isServing ? ServingStatus.Serving : ServingStatus.NotServing };
}
