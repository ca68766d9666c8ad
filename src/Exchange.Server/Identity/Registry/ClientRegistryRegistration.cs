namespace Exchange.Server.Identity.Registry;

/// <summary>Registers the service that keeps clients.</summary>
internal static class ClientRegistryRegistration
{
    /// <summary>Adds the service.</summary>
    public static void AddClientRegistry(this IServiceCollection services) => services.AddSingleton<IdentityService>();

    /// <summary>Serves it.</summary>
    public static void MapClientRegistry(this WebApplication application) => application.MapGrpcService<IdentityService>();
}
