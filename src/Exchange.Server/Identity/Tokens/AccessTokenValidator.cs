using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Exchange.Catalog;
using Exchange.Server.Governance;
using Exchange.Server.Hosting;
using Exchange.Server.Identity.External;
using Exchange.Server.Identity.Users;

namespace Exchange.Server.Identity;

/// <summary>
/// Decides whether a call brings a valid access token: ES256 by a key of the hub that is accepted, type, issuer and audience exact, time within 10 s and no more
/// than ten minutes of it, client or user registered as the token says and not disabled, token not revoked, its certificate at hand if it is bound to one; the
/// client with what it proved itself with, which its authority did not revoke, the user's session not ended. Signatures that held are remembered until they expire; the rest is looked at on every call.
/// </summary>
internal sealed class AccessTokenValidator(
    HubOptions options,
    HubAddresses addresses,
    SigningKeys keys,
    ClientDirectory clients,
    UserDirectory users,
    GovernanceStore governance,
    ExternalIssuer issuer,
    ExternalTokens external,
    PeerCertificates peers,
    ClientAuthorities authorities,
    RevokedTokens revoked,
    TimeProvider time)
{
    /// <summary>How far clocks may be apart.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(10);

    private const int LongestToken = 8192;
    private const int MostRemembered = 10_000;
    private const string Scheme = "Bearer ";

    private readonly ConcurrentDictionary<TokenHash, AccessToken> remembered = new();

    /// <summary>When streams of this token end: at its expiry, or with the skew used up for one that began later.</summary>
    public static DateTimeOffset EndOfStreams(AccessToken token, DateTimeOffset now) => now < token.ExpireTime ? token.ExpireTime : token.ExpireTime + ClockSkew;

    /// <summary>The token of a request's `authorization` header, or why it is refused.</summary>
    public Result<AccessToken> Validate(HttpContext http)
    {
        var authorization = http.Request.Headers.Authorization;
        if (authorization.Count is 0)
        {
            return IdentityReasons.TokenMissing;
        }

        // RFC 9110 section 11.1: the scheme's case does not matter. Two headers are one too many.
        if (authorization is not [{ } header] || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || header.Length > Scheme.Length + LongestToken)
        {
            return IdentityReasons.TokenInvalid;
        }

        // RFC 8705 section 3: a bound token is good with its certificate only, on whatever way it came here.
        var validated = ValidateToken(header.AsSpan(Scheme.Length));
        return !validated.TryGetValue(out var token, out _) || token.Certificate is not { } certificate ? validated
            : CertificateOf(token, http) is not { } peer || peer.Thumbprint != certificate ? IdentityReasons.TokenInvalid
            : IsRevoked(token, peer) ? IdentityReasons.TokenRevoked
            : validated;
    }

    /// <summary>The certificate of whoever brings a bound token; null for one that is not bound.</summary>
    public PeerCertificate? CertificateOf(AccessToken token, HttpContext http) => token.Certificate is null ? null : peers.Of(http);

    /// <summary>The token that the text is, or why it is refused. A certificate that it is bound to is not asked for.</summary>
    public Result<AccessToken> ValidateToken(ReadOnlySpan<char> text)
    {
        if (!TokenHash.TryCompute(text, out var hash))
        {
            return IdentityReasons.TokenInvalid;
        }

        if (!remembered.TryGetValue(hash, out var token))
        {
            if (!CompactJws.TryParse(text.ToString(), LongestToken, out var jws))
            {
                return IdentityReasons.TokenInvalid;
            }

            var isExternal = external.IsOf(jws);
            if (isExternal && !issuer.IsKnown)
            {
                return IdentityReasons.IssuerUnknown;
            }

            token = isExternal ? external.Read(jws) : Read(jws);
            if (token is null)
            {
                return IdentityReasons.TokenInvalid;
            }

            if (token.ExpireTime + ClockSkew > time.GetUtcNow())
            {
                Remember(hash, token);
            }
        }

        return Check(token);
    }

    /// <summary>As <see cref="Check(AccessToken)"/>, of a token that came with this certificate.</summary>
    public Result<AccessToken> Check(AccessToken token, PeerCertificate? certificate) =>
        certificate is not null && IsRevoked(token, certificate) ? IdentityReasons.TokenRevoked : Check(token);

    /// <summary>The token, which was valid once, if it still is; else why not.</summary>
    public Result<AccessToken> Check(AccessToken token)
    {
        var now = time.GetUtcNow();
        var caller = token.Caller;
        if (token.ExpireTime + ClockSkew <= now)
        {
            return IdentityReasons.TokenExpired;
        }

        // Each issuer for its departments: neither can act in the other's.
        if (token.IssueTime > now + ClockSkew || external.Vouches(caller.Department) != token.IsExternal)
        {
            return IdentityReasons.TokenInvalid;
        }

        if (token.IsExternal)
        {
            return issuer.Publishes(token.KeyId, token.IssuerKey!) && governance.Current.Departments.ContainsKey(caller.Department.Value) ? token : IdentityReasons.TokenInvalid;
        }

        if (keys.FindAccepted(token.KeyId) is null)
        {
            return IdentityReasons.TokenInvalid;
        }

        if (token.Session is { } session)
        {
            return Check(token, session);
        }

        if (clients.Find(caller.Client) is not { } client || client.Department != caller.Department || client.Role != caller.Role
            || (client.HasBoundTokens && token.Certificate is null))
        {
            return IdentityReasons.TokenInvalid;
        }

        return client.IsDisabled ? IdentityReasons.ClientDisabled
            : revoked.Contains(token) || !ClientCredentials.IsGood(client, token.Credential!, now) ? IdentityReasons.TokenRevoked
            : token;
    }

    // Authorities answer for clients that they prove; a certificate of its own the client takes away itself.
    private bool IsRevoked(AccessToken token, PeerCertificate certificate) =>
        !token.IsExternal && clients.Find(token.Caller.Client) is { Authentication: ClientAuthentication.Tls } && authorities.IsRevoked(certificate.Certificate);

    private Result<AccessToken> Check(AccessToken token, UserTokenSession session)
    {
        if (users.Find(session.User) is not { } user || user.Department != token.Caller.Department || user.Role != token.Caller.Role)
        {
            return IdentityReasons.TokenInvalid;
        }

        return user.IsDisabled ? IdentityReasons.UserDisabled
            : !user.MaySignIn || user.Enrolment != session.Id.Enrolment || revoked.Contains(token) ? IdentityReasons.SessionEnded
            : token;
    }

    private AccessToken? Read(CompactJws jws)
    {
        // RFC 9068 section 4, RFC 8725 sections 3.1, 3.8, 3.9, 3.11: exact type, one algorithm, exact issuer and audience. The header is the one we write.
        if (jws.Header.GetPropertyCount() is not 3
            || StrictJson.Text(jws.Header, "typ") is not AccessTokenIssuer.TokenType
            || StrictJson.Text(jws.Header, "kid") is not { } keyId
            || keys.FindAccepted(keyId) is not { } key
            || !jws.IsSignedBy(key, PublicKeySet.Es256)
            || StrictJson.Text(jws.Payload, "iss") != addresses.Issuer
            || StrictJson.Text(jws.Payload, "aud") != options.Audience)
        {
            return null;
        }

        return ReadClaims(jws.Payload, keyId);
    }

    private AccessToken? ReadClaims(JsonElement payload, string keyId)
    {
        if (StrictJson.Text(payload, "client_id") is not { } client
            || StrictJson.Text(payload, "sub") != client
            || StrictJson.Text(payload, "department") is not { } department
            || StrictJson.Text(payload, "role") is not { } roleText
            || Enum.GetValues<Role>().Where(role => role is not Role.Unspecified && RoleNames.ToText(role) == roleText).ToList() is not [var role]
            || StrictJson.Text(payload, "jti") is not { Length: > 0 } id
            || !TryReadConfirmation(payload, out var certificate)
            || CompactJws.Time(payload, "iat") is not { } issueTime
            || CompactJws.Time(payload, "exp") is not { } expireTime
            || expireTime - issueTime > HubOptions.LongestAccessToken
            || !IsBegun(payload))
        {
            return null;
        }

        var caller = new Caller(new DepartmentId(department), new ClientId(client), role);
        var token = new AccessToken(caller, id, keyId, issueTime, expireTime) { Credential = StrictJson.Text(payload, AccessTokenIssuer.CredentialClaim), Certificate = certificate };
        if (UserId.Of(caller.Client) is not { } user)
        {
            return token.Credential is null || payload.TryGetProperty("sid", out _) ? null : token;
        }

        return StrictJson.Text(payload, "sid") is { } sid && SessionId.Parse(sid) is { } session
            ? token with { Session = new UserTokenSession(user, session) }
            : null;
    }

    // RFC 7519 section 4.1.5. The hub writes none; one that is there holds.
    private bool IsBegun(JsonElement payload) =>
        !payload.TryGetProperty("nbf", out _) || CompactJws.Time(payload, "nbf") is { } begin && begin <= time.GetUtcNow() + ClockSkew;

    /// <summary>What a token is bound to: null for nothing. False for one that is bound to something else than a certificate, which is not understood.</summary>
    internal static bool TryReadConfirmation(JsonElement payload, out string? certificate)
    {
        certificate = null;
        if (!payload.TryGetProperty(AccessTokenIssuer.ConfirmationClaim, out var confirmation))
        {
            return true;
        }

        certificate = confirmation.ValueKind is JsonValueKind.Object && confirmation.GetPropertyCount() is 1 ? StrictJson.Text(confirmation, AccessTokenIssuer.ConfirmationMember) : null;
        return certificate is not null;
    }

    private void Remember(TokenHash hash, AccessToken token)
    {
        if (remembered.Count >= MostRemembered)
        {
            // Rare and cheap: each token is verified once more.
            remembered.Clear();
        }

        remembered[hash] = token;
    }

    private readonly record struct TokenHash(UInt128 High, UInt128 Low)
    {
        /// <summary>False for a text that no token is: longer than one in UTF-8.</summary>
        public static bool TryCompute(ReadOnlySpan<char> text, out TokenHash computed)
        {
            Span<byte> bytes = stackalloc byte[LongestToken];
            if (!Encoding.UTF8.TryGetBytes(text, bytes, out var length))
            {
                computed = default;
                return false;
            }

            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(bytes[..length], hash);
            computed = new TokenHash(BinaryPrimitives.ReadUInt128LittleEndian(hash), BinaryPrimitives.ReadUInt128LittleEndian(hash[16..]));
            return true;
        }
    }
}
