using Exchange.Server.Grpc.Connections;
using Exchange.Server.Grpc.Limits;
using Exchange.Server.Grpc.Room;
using Exchange.Server.Hosting;

namespace Exchange.Server.Grpc;

/// <summary>Registers gRPC with everything around its handlers, health and reflection.</summary>
internal static class EdgeRegistration
{
    /// <summary>Adds gRPC with its limits.</summary>
    public static void AddGrpcEdge(this IServiceCollection services)
    {
        services.AddSingleton<EdgeInterceptor>();
        services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = HubEndpoints.LargestMessageBytes;
            grpc.MaxSendMessageSize = HubEndpoints.LargestMessageBytes;
            grpc.EnableDetailedErrors = false;
            grpc.Interceptors.Add<EdgeInterceptor>();
        });
        services.AddSingleton<RequestBudgets>();
        services.AddSingleton<HubConnections>();
        services.AddSingleton<CallLimits>();
        services.AddHostedService<LimitUpkeep>();
        services.AddHostedService<Quotas>();
        services.AddSingleton<CallDrain>();
        services.AddHostedService(provider => provider.GetRequiredService<CallDrain>());
        services.AddSingleton<HubHealth>();
        services.AddSingleton<HealthService>();
        services.AddHostedService<DatabaseProbe>();
        services.AddSingleton<ServiceCatalog>();
        services.AddSingleton<ReflectionAnswers>();
        services.AddSingleton<ReflectionService>();
        services.AddSingleton<ReflectionServiceV1Alpha>();
    }

    /// <summary>Puts the edge before every service and serves health (open to anybody) and reflection.</summary>
    public static void MapGrpcEdge(this WebApplication application)
    {
        application.UseMiddleware<RequestGate>();
        application.UseMiddleware<GrpcEdge>();
        application.MapGrpcService<HealthService>().AllowAnonymous();
        application.MapGrpcService<ReflectionService>();
        application.MapGrpcService<ReflectionServiceV1Alpha>();

        // For load balancers that speak HTTP/1.1 only.
        application.MapGet("/health", (HubHealth health, UnsafeSettings accepted) => Results.Text(
            (health.IsServing ? "SERVING\n" : "NOT_SERVING\n") + (accepted.Settings.Count > 0 ? $"unsafe: {accepted}\n" : ""),
            statusCode: health.IsServing ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable)).AllowAnonymous();
    }

    /// <summary>Checks the limits of methods, once everything is mapped.</summary>
    public static void CheckLimits(this WebApplication application, StartComplaints complaints) =>
        application.Services.GetRequiredService<CallLimits>().Check(((IEndpointRouteBuilder)application).DataSources, complaints);
}
