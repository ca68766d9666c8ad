using Exchange.Server.Identity.External;

namespace Exchange.Server.Identity;

/// <summary>Registers identity: tokens, their keys and their clients.</summary>
internal static class IdentityRegistration
{
    /// <summary>Adds the token endpoint, the checks of its tokens, and the first caller, which needs the governance state.</summary>
    public static void AddIdentity(this IServiceCollection services)
    {
        services.AddSingleton<ClientDirectory>();
        services.AddSingleton<SigningKeys>();
        services.AddSingleton<SigningKeyRotation>();
        services.AddHostedService(provider => provider.GetRequiredService<SigningKeyRotation>());
        services.AddSingleton<ExternalIssuer>();
        services.AddHostedService(provider => provider.GetRequiredService<ExternalIssuer>());
        services.AddSingleton<ExternalTokens>();
        services.AddSingleton<CallerLifetimes>();
        services.AddHostedService(provider => provider.GetRequiredService<CallerLifetimes>());
        services.AddSingleton<AccessTokenIssuer>();
        services.AddSingleton<AccessTokenValidator>();
        services.AddSingleton<ClientSecrets>();
        services.AddSingleton<ClientKeys>();
        services.AddSingleton<PeerCertificates>();
        services.AddSingleton<ClientAuthorities>();
        services.AddSingleton<CertificateLogins>();
        services.AddSingleton<ClientAssertions>();
        services.AddSingleton<ClientAuthenticator>();
        services.AddSingleton<OAuthEndpoint>();
        services.AddSingleton<TokenEndpoint>();
        services.AddSingleton<IntrospectionEndpoint>();
        services.AddSingleton<RevocationEndpoint>();
        services.AddSingleton<RevokedTokens>();
        services.AddHostedService(provider => provider.GetRequiredService<RevokedTokens>());
        services.AddSingleton<Discovery>();
        services.AddSingleton<AssertionReplays>();
        services.AddHostedService(provider => provider.GetRequiredService<AssertionReplays>());
        services.AddSingleton<OperatorAccount>();
        services.AddHostedService(provider => provider.GetRequiredService<OperatorAccount>());
        services.AddSingleton<RefusedRequestTable>();
        services.AddSingleton<RefusedRequests>();
        services.AddHostedService(provider => provider.GetRequiredService<RefusedRequests>());
    }

    /// <summary>Serves tokens, their introspection and revocation, keys and metadata over HTTP.</summary>
    public static void MapIdentity(this WebApplication application)
    {
        application.Map(TokenEndpoint.Path, With<TokenEndpoint>((endpoint, http) => endpoint.HandleAsync(http)));
        application.Map(IntrospectionEndpoint.Path, With<IntrospectionEndpoint>((endpoint, http) => endpoint.HandleAsync(http)));
        application.Map(RevocationEndpoint.Path, With<RevocationEndpoint>((endpoint, http) => endpoint.HandleAsync(http)));
        application.MapGet(Discovery.KeysPath, With<Discovery>((discovery, http) => discovery.WriteKeysAsync(http)));
        application.MapGet("/.well-known/openid-configuration", With<Discovery>((discovery, http) => discovery.WriteMetadataAsync(http)));
        application.MapGet("/.well-known/oauth-authorization-server", With<Discovery>((discovery, http) => discovery.WriteMetadataAsync(http)));
    }

    /// <summary>What handles requests, found when the first one comes: mapping needs none of it yet.</summary>
    internal static RequestDelegate With<T>(Func<T, HttpContext, Task> handle)
        where T : notnull => http => handle(http.RequestServices.GetRequiredService<T>(), http);
}
