namespace Exchange.Server.Settings;

/// <summary>Registers the hub's settings.</summary>
internal static class SettingsRegistration
{
    /// <summary>Adds the service.</summary>
    public static void AddSettings(this IServiceCollection services) => services.AddSingleton<SettingsService>();

    /// <summary>Serves it.</summary>
    public static void MapSettings(this WebApplication application) => application.MapGrpcService<SettingsService>();
}
