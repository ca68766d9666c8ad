using Exchange.EventStore;
using Exchange.Server.Access.Agreements;
using Exchange.Server.Access.Quotas;
using Exchange.Server.Access.Requests;
using Npgsql;

namespace Exchange.Server.Access;

/// <summary>Registers the access feature.</summary>
internal static class AccessRegistration
{
    /// <summary>Adds the services and the plans that all reads go through.</summary>
    public static void AddAccess(this IServiceCollection services)
    {
        services.AddSingleton<AccessService>();
        services.AddSingleton<AgreementsService>();
        services.AddSingleton<AccessRequestsService>();
        services.AddHostedService<DeadlineRunner>();
        services.AddSingleton<ReadPlans>();
        services.AddSingleton(provider => new GrantUses(provider.GetRequiredService<NpgsqlDataSource>(), provider.GetRequiredService<EventLog>().Partitions));
        services.AddSingleton<ReadQuotas>();
    }

    /// <summary>Serves them.</summary>
    public static void MapAccess(this WebApplication application)
    {
        application.MapGrpcService<AccessService>();
        application.MapGrpcService<AgreementsService>();
        application.MapGrpcService<AccessRequestsService>();
    }
}
