using Exchange.Server.Governance.Changes;

namespace Exchange.Server.Inbox;

/// <summary>Registers the inbox feature.</summary>
internal static class InboxRegistration
{
    /// <summary>Adds the services.</summary>
    public static void AddInbox(this IServiceCollection services)
    {
        services.AddSingleton<InboxService>();
        services.AddSingleton<PendingChangesService>();
    }

    /// <summary>Serves them.</summary>
    public static void MapInbox(this WebApplication application)
    {
        application.MapGrpcService<InboxService>();
        application.MapGrpcService<PendingChangesService>();
    }
}
