namespace Exchange.Server.Identity.Users;

/// <summary>Registers how people come in.</summary>
internal static class UsersRegistration
{
    /// <summary>Adds enrolment, sign-in and sessions, which need the governance state and the tokens.</summary>
    public static void AddUsers(this IServiceCollection services)
    {
        services.AddSingleton<UserDirectory>();
        services.AddSingleton<UserPasswords>();
        services.AddSingleton<TotpSecrets>();
        services.AddSingleton<SignInAttempts>();
        services.AddSingleton<UserSessions>();
        services.AddHostedService(provider => provider.GetRequiredService<UserSessions>());
        services.AddSingleton<UserSignIn>();
        services.AddSingleton<UserEnrolment>();
        services.AddSingleton<SessionEndpoint>();
        services.AddSingleton<FirstUser>();
    }

    /// <summary>Serves them over HTTP.</summary>
    public static void MapUsers(this WebApplication application)
    {
        application.Map(SessionEndpoint.Path, IdentityRegistration.With<SessionEndpoint>((endpoint, http) => endpoint.HandleAsync(http)));
        application.Map(SessionEndpoint.TokenPath, IdentityRegistration.With<SessionEndpoint>((endpoint, http) => endpoint.HandleTokenAsync(http)));
        application.Map(SessionEndpoint.EnrolmentPath, IdentityRegistration.With<SessionEndpoint>((endpoint, http) => endpoint.HandleEnrolmentAsync(http)));
        application.Map(SessionEndpoint.CompletionPath, IdentityRegistration.With<SessionEndpoint>((endpoint, http) => endpoint.HandleCompletionAsync(http)));
    }
}
