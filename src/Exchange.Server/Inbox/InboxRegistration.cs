namespace Exchange.Server.Inbox;

/// <summary>Registers the inbox feature.</summary>
internal static class InboxRegistration
{
    /// <summary>Adds the service.</summary>
    public static void AddInbox(this IServiceCollection services) => services.AddSingleton<InboxService>();

    /// <summary>Serves it.</summary>
    public static void MapInbox(this WebApplication application) => application.MapGrpcService<InboxService>();
}
