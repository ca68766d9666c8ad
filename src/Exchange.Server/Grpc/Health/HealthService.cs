using Exchange.Catalog;
using Grpc.Core;
using Grpc.Health.V1;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Exchange.Server.Grpc;

/// <summary>grpc.health.v1. All services stand and fall together: they share the database.</summary>
internal sealed class HealthService(HubHealth health, ServiceCatalog services) : Health.HealthBase
{
    private const int MostWatchers = 1000;

    private int watchers;

    /// <inheritdoc/>
    public override Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context) => services.Has(request.Service)
        ? Task.FromResult(Response(health.IsServing))
        : throw new Refusal(new RefusalReason("SERVICE_NOT_FOUND", RefusalKind.NotFound), "the hub has no such service").ToException();

    /// <inheritdoc/>
    public override Task<HealthListResponse> List(HealthListRequest request, ServerCallContext context)
    {
        var response = new HealthListResponse();
        foreach (var name in services.Names.Append(""))
        {
            response.Statuses[name] = Response(health.IsServing);
        }

        return Task.FromResult(response);
    }

    /// <inheritdoc/>
    public override async Task Watch(HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        // Anybody may watch, so there is a bound.
        if (Interlocked.Increment(ref watchers) > MostWatchers)
        {
            Interlocked.Decrement(ref watchers);
            throw new Refusal(new RefusalReason("TOO_MANY_WATCHERS", RefusalKind.ResourceExhausted), $"at most {MostWatchers} watch at once; use Check").ToException();
        }

        try
        {
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
        }
    }

    private static HealthCheckResponse Response(bool isServing) => new() { Status = isServing ? ServingStatus.Serving : ServingStatus.NotServing };
}
