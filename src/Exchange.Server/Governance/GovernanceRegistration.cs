using Exchange.EventStore;
using Exchange.Server.Hosting;
using Exchange.Server.Identity;
using Exchange.Server.Identity.Users;

namespace Exchange.Server.Governance;

/// <summary>Registers what all governance features stand on.</summary>
internal static class GovernanceRegistration
{
    /// <summary>Adds the governance state, which is loaded before the node listens, and its commands.</summary>
    public static void AddGovernance(this IServiceCollection services)
    {
        services.AddSingleton(provider => new GovernanceStore(
            provider.GetRequiredService<EventLog>(),
            provider.GetRequiredService<ClientDirectory>(),
            provider.GetRequiredService<UserDirectory>(),
            provider.GetRequiredService<HubOptions>().GovernancePatience));
        services.AddHostedService(provider => provider.GetRequiredService<GovernanceStore>());
        services.AddSingleton<GovernanceCommands>();
    }
}
