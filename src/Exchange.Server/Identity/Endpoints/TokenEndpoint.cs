using Exchange.Server.Hosting;
using Exchange.Server.Identity.External;

namespace Exchange.Server.Identity;

/// <summary>Access tokens for machines (RFC 6749 section 4.4, client credentials).</summary>
internal sealed partial class TokenEndpoint(OAuthEndpoint endpoint, AccessTokenIssuer issuer, ExternalTokens external, HubOptions options, ILogger<TokenEndpoint> logger)
{
    /// <summary>Where it is, as OpenIddict names it.</summary>
    public const string Path = "/connect/token";

    /// <summary>Answers one request.</summary>
    public Task HandleAsync(HttpContext http) => endpoint.HandleAsync(http, (client, form) => Task.FromResult(Grant(client, form)));

    private OAuthAnswer Grant(AuthenticatedClient client, IReadOnlyDictionary<string, string> form)
    {
        if (!form.TryGetValue("grant_type", out var grantType))
        {
            return OAuthError.InvalidRequest("grant_type is missing");
        }

        if (grantType is not "client_credentials")
        {
            return new OAuthError("unsupported_grant_type", "only client_credentials is supported");
        }

        if (form.ContainsKey("scope"))
        {
            return new OAuthError("invalid_scope", "the hub has no scopes: what a client may do is its role and its department's grants");
        }

        if (external.Vouches(client.Registration.Department))
        {
            return new OAuthError("unauthorized_client", "the tokens of this client's department are given by its own issuer");
        }

        Log.Issued(logger, client.Registration.Id.Value, client.Registration.Department.Value);
        return OAuthAnswer.Of(new Dictionary<string, object>
        {
            ["access_token"] = issuer.Issue(client),
            ["token_type"] = "Bearer",
            ["expires_in"] = (long)options.AccessTokenLifetime.TotalSeconds,
        });
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "issued an access token to client {Client} of department {Department}")]
        public static partial void Issued(ILogger logger, string client, string department);
    }
}
