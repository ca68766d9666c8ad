using Exchange.Catalog;
using Exchange.Server.Hosting;

namespace Exchange.Server.Identity;

/// <summary>
/// Checks client assertions (`private_key_jwt`, RFC 7523 section 3, as FAPI 2.0 section 5.3.2.1 narrows it): ES256 or PS256 by one of the client's keys;
/// `iss` and `sub` the client's id; `aud` the issuer, one text (a token endpoint's URL would be good at another issuer's endpoint too: CVE-2025-27370);
/// `exp` at most 60 seconds ahead, and after `iat` where that is there; `jti` of 1 to 255 characters, used once. Clocks may be 10 seconds apart.
/// </summary>
internal sealed class ClientAssertions(HubAddresses addresses, ClientDirectory clients, ClientKeys keys, AssertionReplays replays, TimeProvider time)
{
    private const int LongestAssertion = 4096;
    private const int LongestId = 255;

    private static readonly TimeSpan LongestLifetime = TimeSpan.FromSeconds(60);

    // Libraries look at the clock once for each time, and write whole seconds.
    private static readonly TimeSpan Rounding = TimeSpan.FromSeconds(1);

    /// <summary>The client that the assertion proves, or null. A `client_id` beside it must be the same.</summary>
    public async Task<AuthenticatedClient?> VerifyAsync(string assertion, string? clientId, CancellationToken cancellationToken)
    {
        if (!CompactJws.TryParse(assertion, LongestAssertion, out var jws) || !HasPlainHeader(jws) || StrictJson.Text(jws.Payload, "sub") is not { } id)
        {
            return null;
        }

        var client = ClientId.IsValid(id) ? clients.Find(new ClientId(id)) : null;
        var proven = client is { IsDisabled: false, Authentication: ClientAuthentication.PrivateKeyJwt } ? client : null;
        if (keys.Signer(proven, jws) is not { } key || ExpireTimeOfValid(jws, id, clientId) is not { } expireTime)
        {
            return null;
        }

        var isFirst = await replays.TryUseAsync(proven!.Id, StrictJson.Text(jws.Payload, "jti")!, expireTime + AccessTokenValidator.ClockSkew, cancellationToken);
        return isFirst ? new(proven, key) : null;
    }

    // RFC 7515 section 4.1: a key or an extension that the header brings itself is never used, so it is refused.
    private static bool HasPlainHeader(CompactJws jws) =>
        jws.Header.EnumerateObject().All(member => member.Name is "alg" or "typ" or "kid" && member.Value.ValueKind is System.Text.Json.JsonValueKind.String)
        && (StrictJson.Text(jws.Header, "typ") is not { } type || type.ToUpperInvariant() is "JWT" or "CLIENT-AUTHENTICATION+JWT");

    private DateTimeOffset? ExpireTimeOfValid(CompactJws jws, string id, string? clientId)
    {
        var claims = jws.Payload;
        var now = time.GetUtcNow();
        var isValid = StrictJson.Text(claims, "iss") == id
            && (clientId is null || clientId == id)
            && StrictJson.Text(claims, "aud") == addresses.Issuer
            && StrictJson.Text(claims, "jti") is { Length: > 0 and <= LongestId }
            && IsPast(claims, "iat", now) && IsPast(claims, "nbf", now);
        return isValid && CompactJws.Time(claims, "exp") is { } expireTime
            && expireTime > now - AccessTokenValidator.ClockSkew && expireTime <= now + LongestLifetime + AccessTokenValidator.ClockSkew
            && !(expireTime - CompactJws.Time(claims, "iat") > LongestLifetime + Rounding)
                ? expireTime
                : null;
    }

    private static bool IsPast(System.Text.Json.JsonElement claims, string name, DateTimeOffset now) =>
        !claims.TryGetProperty(name, out _) || CompactJws.Time(claims, name) is { } moment && moment <= now + AccessTokenValidator.ClockSkew;
}
