
namespace Exchange.Server.Identity;

/// <summary>
/// Lets a client revoke an access token of its own (RFC 7009): refused on this node at once, on the others within seconds, its streams ended. A text that is
/// no good token is as good as revoked (section 2.2); a stranger's token stays (section 2.1).
/// </summary>
internal sealed partial class RevocationEndpoint(OAuthEndpoint endpoint, AccessTokenValidator tokens, RevokedTokens revoked, ILogger<RevocationEndpoint> logger)
{
    /// <summary>Where it is, as OpenIddict names it.</summary>
    public const string Path = "/connect/revoke";

    /// <summary>Answers one request.</summary>
    public Task HandleAsync(HttpContext http) => endpoint.HandleAsync(http, RevokeAsync);

    private async Task<OAuthAnswer> RevokeAsync(AuthenticatedClient client, IReadOnlyDictionary<string, string> form)
    {
        if (!form.TryGetValue("token", out var text))
        {
            return OAuthError.InvalidRequest("token is missing");
        }

        if (!tokens.ValidateToken(text).TryGetValue(out var token, out _))
        {
            return OAuthAnswer.Empty;
        }

        if (token.Caller.Client != client.Registration.Id)
        {
            return OAuthError.InvalidRequest("the token was issued to another client; only that one may revoke it");
        }

        if (!await revoked.TryAddAsync(token))
        {
            return OAuthError.TooManyRevoked;
        }

        Log.Revoked(logger, client.Registration.Id.Value, client.Registration.Department.Value);
        return OAuthAnswer.Empty;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "client {Client} of department {Department} revoked an access token")]
        public static partial void Revoked(ILogger logger, string client, string department);
    }
}
