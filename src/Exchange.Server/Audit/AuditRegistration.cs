namespace Exchange.Server.Audit;

/// <summary>Registers the audit trail.</summary>
internal static class AuditRegistration
{
    /// <summary>Adds the trail, for those who read records and those who read the trail.</summary>
    public static void AddAudit(this IServiceCollection services)
    {
        services.AddSingleton<IReadAudit, ReadAudit>();
        services.AddSingleton<RefusedReads>();
        services.AddSingleton<OwnerNumbers>();
        services.AddSingleton<AuditTrail>();
        services.AddSingleton<RefusedRequestList>();
        services.AddSingleton<HeadFiles>();
        services.AddHostedService<HeadExporter>();
        services.AddSingleton<AuditService>();
    }

    /// <summary>Serves the trail and the log.</summary>
    public static void MapAudit(this WebApplication application) => application.MapGrpcService<AuditService>();
}
