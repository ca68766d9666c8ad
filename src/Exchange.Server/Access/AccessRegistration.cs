namespace Exchange.Server.Access;

/// <summary>Registers the access feature.</summary>
internal static class AccessRegistration
{
    /// <summary>Adds the service.</summary>
    public static void AddAccess(this IServiceCollection services) => services.AddSingleton<AccessService>();

    /// <summary>Serves it.</summary>
    public static void MapAccess(this WebApplication application) => application.MapGrpcService<AccessService>();
}
