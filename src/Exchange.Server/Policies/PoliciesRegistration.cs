namespace Exchange.Server.Policies;

/// <summary>Registers the policies feature.</summary>
internal static class PoliciesRegistration
{
    /// <summary>Adds the service with what explains policies and tells their history.</summary>
    public static void AddPolicies(this IServiceCollection services)
    {
        services.AddSingleton<PolicyHistory>();
        services.AddSingleton<PolicyExplainer>();
        services.AddSingleton<LastReads>();
        services.AddSingleton<PolicyService>();
    }

    /// <summary>Serves it.</summary>
    public static void MapPolicies(this WebApplication application) => application.MapGrpcService<PolicyService>();
}
