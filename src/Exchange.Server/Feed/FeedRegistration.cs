using Exchange.Server.Hosting;
using Grpc.AspNetCore.Server.Model;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Exchange.Server.Feed;

/// <summary>Registers change feeds.</summary>
internal static class FeedRegistration
{
    /// <summary>Adds feeds and the texts that readers keep for the hub.</summary>
    public static void AddFeed(this IServiceCollection services)
    {
        services.AddSingleton(provider => new TokenSeal(provider.GetRequiredService<HubSecrets>().Derive("token-seal")));
        services.AddSingleton<CheckpointCodec>();
        services.AddSingleton(new FeedOptions());
        services.AddSingleton<FeedStreams>();
        services.AddSingleton<FeedTail>();
        services.AddSingleton<FeedEndpoint>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IServiceMethodProvider<FeedEndpoint>, FeedEndpoint.Methods>());
        services.AddSingleton<FeedService>();
    }

    /// <summary>Serves feeds.</summary>
    public static void MapFeed(this WebApplication application)
    {
        application.MapGrpcService<FeedService>();
        application.MapGrpcService<FeedEndpoint>().WithOrder(-1);
    }
}
