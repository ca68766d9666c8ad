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
        var endpoint = application.Services.GetRequiredService<SessionEndpoint>();
        application.Map(SessionEndpoint.Path, endpoint.HandleAsync);
        application.Map(SessionEndpoint.TokenPath, endpoint.HandleTokenAsync);
        application.Map(SessionEndpoint.EnrolmentPath, endpoint.HandleEnrolmentAsync);
        application.Map(SessionEndpoint.CompletionPath, endpoint.HandleCompletionAsync);
    }
}
