using System.Text.Json;
using Exchange.Catalog;
using Exchange.Server.Hosting;
using Microsoft.IdentityModel.Tokens;

namespace Exchange.Server.Identity.External;

/// <summary>
/// Reads access tokens of the external issuer: signed by a key that it publishes, with ES256, PS256 or RS256 as the key is for, of an access token's type, for the
/// hub, over within an hour, with claims that say which caller of which of its departments in which role.
/// </summary>
internal sealed class ExternalTokens(HubOptions hub, ExternalIssuer issuer, TimeProvider time)
{
    private const string Rs256 = "RS256";
    private const int LongestClient = 200;

    // A caller whom the issuer lets go is out by then.
    private static readonly TimeSpan LongestLifetime = TimeSpan.FromHours(1);

    // RFC 7515 section 4.1.11, RFC 7516: what it does not understand it must not accept.
    private static readonly string[] Foreign = ["crit", "b64", "zip", "enc", "cty"];

    private readonly ExternalIssuerOptions? options = hub.ExternalIssuer;

    /// <summary>The client of a caller that the external issuer vouches for, as events and audit name it: no registered client has such an id.</summary>
    public static ClientId NameOf(string client) => new($"external/{client}");

    /// <summary>True for departments whose tokens the external issuer gives; false for those of the hub itself.</summary>
    public bool Vouches(DepartmentId department) => options?.Departments.Contains(department) is true;

    /// <summary>True when the token says that it is the external issuer's.</summary>
    public bool IsOf(CompactJws jws) => StrictJson.Text(jws.Payload, "iss") is { } name && issuer.Is(name);

    /// <summary>The token; null when it is not good.</summary>
    public AccessToken? Read(CompactJws jws)
    {
        if (options is null
            || Foreign.Any(name => jws.Header.TryGetProperty(name, out _))
            || StrictJson.Text(jws.Header, "typ") is not { } type || !options.TokenTypes.Contains(type.StartsWith("application/", StringComparison.OrdinalIgnoreCase) ? type["application/".Length..] : type)
            || StrictJson.Text(jws.Header, "kid") is not { } keyId
            || issuer.Find(keyId) is not { } key
            || AlgorithmOf(key, jws.Algorithm) is not { } algorithm
            || !jws.IsSignedBy(key, algorithm)
            || !Texts(jws.Payload, "aud").Contains(options.Audience, StringComparer.Ordinal))
        {
            return null;
        }

        return ReadClaims(jws.Payload, key, options);
    }

    // RFC 8725 section 3.1: the key decides which algorithms there are to choose from.
    private static string? AlgorithmOf(SecurityKey key, string? named) => key switch
    {
        JsonWebKey { Kty: JsonWebAlgorithmsKeyTypes.EllipticCurve, Crv: JsonWebKeyECTypes.P256 } or ECDsaSecurityKey { KeySize: 256 } when named is PublicKeySet.Es256 => named,
        JsonWebKey { Kty: JsonWebAlgorithmsKeyTypes.RSA, KeySize: >= 2048 } or RsaSecurityKey { KeySize: >= 2048 } when named is PublicKeySet.Ps256 or Rs256 => named,
        _ => null,
    };

    private AccessToken? ReadClaims(JsonElement payload, SecurityKey key, ExternalIssuerOptions options)
    {
        var roles = Texts(payload, options.RoleClaim).Where(options.Roles.ContainsKey).Select(name => options.Roles[name]).Distinct().ToList();
        if (StrictJson.Text(payload, options.ClientClaim) is not { Length: > 0 and <= LongestClient } client || client.Any(char.IsControl)
            || StrictJson.Text(payload, options.DepartmentClaim) is not { } department || !options.Departments.Contains(new DepartmentId(department))
            || roles is not [var role] || RoleNames.IsHubWide(role)
            || !AccessTokenValidator.TryReadConfirmation(payload, out var certificate)
            || CompactJws.Time(payload, "exp") is not { } expireTime || expireTime > time.GetUtcNow() + LongestLifetime + AccessTokenValidator.ClockSkew
            || CompactJws.Time(payload, "iat") is not { } issueTime
            || (payload.TryGetProperty("nbf", out _) && !(CompactJws.Time(payload, "nbf") <= issueTime + AccessTokenValidator.ClockSkew)))
        {
            return null;
        }

        var caller = new Caller(new DepartmentId(department), NameOf(client), role);
        return new AccessToken(caller, StrictJson.Text(payload, "jti") ?? "", key.KeyId, issueTime, expireTime) { Certificate = certificate, IssuerKey = key };
    }

    // A text, or a list of texts.
    private static IEnumerable<string> Texts(JsonElement payload, string name) =>
        !payload.TryGetProperty(name, out var value) ? []
        : value.ValueKind is JsonValueKind.String ? [value.GetString()!]
        : value.ValueKind is JsonValueKind.Array ? value.EnumerateArray().Where(item => item.ValueKind is JsonValueKind.String).Select(item => item.GetString()!)
        : [];
}
