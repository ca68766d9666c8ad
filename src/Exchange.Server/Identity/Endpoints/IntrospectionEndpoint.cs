using Exchange.Server.Hosting;

namespace Exchange.Server.Identity;

/// <summary>
/// Tells a client what is in an access token of its own and whether it is good (RFC 7662). Any other text, a stranger's token included, is inactive and
/// nothing else is told of it (section 2.2).
/// </summary>
internal sealed class IntrospectionEndpoint(OAuthEndpoint endpoint, AccessTokenValidator tokens, HubAddresses addresses, HubOptions options, TimeProvider time)
{
    /// <summary>Where it is, as OpenIddict names it.</summary>
    public const string Path = "/connect/introspect";

    /// <summary>Answers one request.</summary>
    public Task HandleAsync(HttpContext http) => endpoint.HandleAsync(http, (client, form) => Task.FromResult(Introspect(client, form)));

    private OAuthAnswer Introspect(AuthenticatedClient client, IReadOnlyDictionary<string, string> form)
    {
        if (!form.TryGetValue("token", out var text))
        {
            return OAuthError.InvalidRequest("token is missing");
        }

        // Section 4: whether it has expired is looked at to the second; clocks that are apart are other people's.
        if (!tokens.ValidateToken(text).TryGetValue(out var token, out _) || token.Caller.Client != client.Registration.Id || token.ExpireTime <= time.GetUtcNow())
        {
            return OAuthAnswer.Of(new Dictionary<string, object> { ["active"] = false });
        }

        var claims = new Dictionary<string, object>
        {
            ["active"] = true,
            ["token_type"] = "Bearer",
            ["client_id"] = token.Caller.Client.Value,
            ["sub"] = token.Caller.Client.Value,
            ["iss"] = addresses.Issuer,
            ["aud"] = options.Audience,
            ["iat"] = token.IssueTime.ToUnixTimeSeconds(),
            ["exp"] = token.ExpireTime.ToUnixTimeSeconds(),
            ["jti"] = token.Id,
            ["department"] = token.Caller.Department.Value,
            ["role"] = RoleNames.ToText(token.Caller.Role),
        };
        if (token.Certificate is { } certificate)
        {
            // RFC 8705 section 3.2.
            claims["cnf"] = AccessTokenIssuer.Confirmation(certificate);
        }

        return OAuthAnswer.Of(claims);
    }
}
