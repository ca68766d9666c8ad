using Exchange.Server.Grpc;
using Exchange.Server.Hosting;
using Exchange.Server.Identity;

namespace Exchange.Server;

/// <summary>The hub's table of contents: one line for each feature in each list.</summary>
public static class Program
{
    /// <summary>Runs one node of the hub; <c>--help</c> lists its settings.</summary>
    public static Task<int> Main(string[] arguments) => HubProcess.RunAsync(arguments);

    /// <summary>Services of every feature. What they start, starts in this order, before the node listens.</summary>
    internal static void AddFeatures(WebApplicationBuilder builder)
    {
        builder.Services.AddGrpcEdge();
        builder.Services.AddIdentity();
    }

    /// <summary>What every feature serves.</summary>
    internal static void MapFeatures(WebApplication application)
    {
        application.MapGrpcEdge();
        application.MapIdentity();
    }
}
