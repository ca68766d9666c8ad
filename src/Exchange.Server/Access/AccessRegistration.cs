namespace Exchange.Server.Access;

/// <summary>Registers the access feature.</summary>
internal static class AccessRegistration
{
    /// <summary>Adds the service and the plans that all reads go through.</summary>
    public static void AddAccess(this IServiceCollection services)
    {
        services.AddSingleton<AccessService>();
        services.AddSingleton<ReadPlans>();
    }

    /// <summary>Serves it.</summary>
    public static void MapAccess(this WebApplication application) => application.MapGrpcService<AccessService>();
}
