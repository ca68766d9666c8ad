using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Exchange.Server.Tests.Identity.Attacks;

/// <summary>Section T's attacks on calls with what passes for an access token.</summary>
[SupportedOSPlatform("linux")]
internal static class TokenAttacks
{
    public static IReadOnlyList<TokenAttack> All { get; } =
    [
        .. Forgery.All.Select(forgery => TokenAttack.Of(forgery.Number, forgery.Name, city => forgery.Texts(city, city.Good, city.SigningKey))),
        TokenAttack.Forged(10, "another type of token", city => from type in new object?[] { "JWT", "jwt", "AT+JWT", "application/at+jwt", "dpop+jwt", "id_token", "secevent+jwt", "at+jwt ", null, 1 } select city.Good.WithHeader("typ", type)),
        TokenAttack.Of(10, "what else the hub gives out or takes", city =>
        [
            city.Victim.Assertion(), city.Victim.Assertion(("aud", "dataexchange")), city.Secret, city.Session, ForgedToken.Parse(city.Victim.Assertion(("aud", "dataexchange")), city.SigningKey).WithHeader("typ", "at+jwt").ToString(),
        ]),
        TokenAttack.Forged(11, "another issuer", city => from issuer in Issuers(city.Issuer) select city.Good.WithClaim("iss", issuer)),
        TokenAttack.Forged(12, "another audience", city => from audience in new object?[]
        {
            null, "", "Dataexchange", "dataexchange ", "dataexchange/", "other", new[] { "dataexchange" }, new[] { "dataexchange", "other" }, city.Issuer, new[] { city.Issuer, "x" }, city.Issuer + "/connect/token", city.Issuer + "/connect/par",
        }
        select city.Good.WithClaim("aud", audience)),
        TokenAttack.Forged(13, "past its time", city => from seconds in new[] { 11L, 60, 300, 86_400 } select city.Good.WithClaim("iat", AttackCity.Now - seconds - 60).WithClaim("exp", AttackCity.Now - seconds), TokenAttack.Expired),
        TokenAttack.Forged(13, "no time", city => from expiry in new object?[] { null, "soon", $"{AttackCity.Now + 300}", -1, 1e30, true, new[] { AttackCity.Now + 300 }, double.MaxValue } select city.Good.WithClaim("exp", expiry)),
        TokenAttack.Forged(14, "before its time", city => from name in new[] { "iat", "nbf" } from seconds in new[] { 60, 61, 120, 86_400 } select city.Good.WithClaim("exp", AttackCity.Now + seconds + 60).WithClaim(name, AttackCity.Now + seconds)),
        TokenAttack.Forged(14, "no beginning", city => from value in new object?[] { "now", $"{AttackCity.Now}", -1, 1e30, true } from name in new[] { "iat", "nbf" } select city.Good.WithClaim(name, value)),
        TokenAttack.Forged(14, "not issued", city => [city.Good.WithClaim("iat", null)]),
        TokenAttack.Forged(15, "longer than ten minutes", city => from seconds in new[] { 601L, 3_600, 86_400 * 365 } select city.Good.WithClaim("iat", AttackCity.Now).WithClaim("exp", AttackCity.Now + seconds)),
        TokenAttack.Forged(15, "issued long ago and still good", city => [city.Good.WithClaim("iat", AttackCity.Now - 3_600), city.Good.WithClaim("iat", 0)]),
        TokenAttack.Forged(16, "another subject or none", city => from id in new object?[] { null, "", "operator", "energy-system", "nobody", "water-system ", "WATER-SYSTEM", "user:attacked", 1 } from name in new[] { "sub", "client_id" } select city.Good.WithClaim(name, id)),
        TokenAttack.Forged(16, "somebody who is not there, or is somebody else's", city =>
        [
            As(city.Good, "nobody"), As(city.Good, "operator"), As(city.Good, "energy-system"), city.Good.WithClaim("department", "energy"), city.Good.WithClaim("department", "hub-operator"), city.Good.WithClaim("department", null),
            .. from role in new object?[] { null, "operator", "steward", "Department-System", "unspecified", 4 } select city.Good.WithClaim("role", role),
        ]),
        TokenAttack.Forged(16, "a user of no session", city => [As(city.Good, "user:attacked").WithClaim("sid", "1-x"), As(city.Good, "user:nobody").WithClaim("sid", "1-AAAA"), city.Good.WithClaim("sid", "1-AAAA")]),
        TokenAttack.Forged(19, "one client's token with another's id", city => [city.Good.WithClaim("client_id", "energy-system"), city.Good.WithClaim("sub", "energy-system")]),
        new("another certificate than the one it is bound to", [25, 26], TokenAttack.Invalid, city => from connection in new[] { AttackConnection.Plain, AttackConnection.Stranger }
            from token in new[] { city.Bound, city.Bound.WithClaim("cnf", Confirmation("x5t#S256", new string('A', 43))) }
            select TokenTry.With(token.ToString()) with { Connection = connection }),
        new("bound to nothing, or by something weaker", [26], TokenAttack.Invalid, city => from connection in new[] { AttackConnection.Plain, AttackConnection.Stranger, AttackConnection.Owner }
            from cnf in new object?[]
            {
                null, "x", 1, Array.Empty<string>(), new Dictionary<string, string>(), Confirmation("x5t#S256", ""), Confirmation("x5t#S256", Thumbprint(city.OtherCertificate)[..42]), Confirmation("x5t", Convert.ToHexString(city.OwnCertificate.GetCertHash())),
                Confirmation("jkt", Thumbprint(city.OwnCertificate)), new Dictionary<string, string> { ["x5t#S256"] = Thumbprint(city.OwnCertificate), ["jkt"] = "x" },
            }
            select TokenTry.With(city.Bound.WithClaim("cnf", cnf).ToString()) with { Connection = connection }),
        new("a certificate that a header tells", [27], TokenAttack.Invalid, city => from header in ForwardedHeaders(city.OwnCertificate)
            from connection in new[] { AttackConnection.Plain, AttackConnection.Stranger }
            select new TokenTry([("authorization", "Bearer " + city.Bound), header]) { Connection = connection }),
        TokenAttack.Of(30, "a disabled client", city => [city.Disabled.AccessToken], "CLIENT_DISABLED"),
        TokenAttack.Of(30, "a key that was taken away", city => [city.KeyRemoved.AccessToken], "TOKEN_REVOKED"),
        TokenAttack.Of(30, "a revoked token", city => [city.RevokedToken], "TOKEN_REVOKED"),
        TokenAttack.Of(30, "a session that ended, or of before the user enrolled anew", city => [city.EndedSessionToken, city.EnrolledAnewToken], "SESSION_ENDED"),
        TokenAttack.Of(30, "a disabled user", city => [city.DisabledUserToken], "USER_DISABLED"),
        TokenAttack.Sent(31, "no token where one belongs", TokenAttack.Missing, city => from header in new (string Name, string Value)[]
        {
            ("x-authorization", $"Bearer {city.Victim.AccessToken}"), ("proxy-authorization", $"Bearer {city.Victim.AccessToken}"), ("authorization-bin", Convert.ToBase64String(Encoding.UTF8.GetBytes($"Bearer {city.Victim.AccessToken}"))),
            ("grpc-authorization", $"Bearer {city.Victim.AccessToken}"), ("cookie", $"access_token={city.Victim.AccessToken}"), ("access-token", city.Victim.AccessToken), ("x-forwarded-authorization", $"Bearer {city.Victim.AccessToken}"),
        }
        select new[] { header }),
        TokenAttack.Sent(31, "nothing at all", TokenAttack.Missing, _ => [[]]),
        new("a token in the address", [31], TokenAttack.Missing, city => [new([]) { Query = "?access_token=" + city.Victim.AccessToken }]),
        new("a token in the message", [31], TokenAttack.Missing, city => [new([]) { Body = GrpcCalls.Frame(Encoding.UTF8.GetBytes($"authorization: Bearer {city.Victim.AccessToken}")) }]),
        TokenAttack.Sent(31, "a header that is no bearer's", TokenAttack.Invalid, city => from value in new[]
        {
            city.Victim.AccessToken, "Bearer", "Bearer  " + city.Victim.AccessToken, "Bearer\t" + city.Victim.AccessToken, "Bearer:" + city.Victim.AccessToken, "Bearer=" + city.Victim.AccessToken, $"Bearer \"{city.Victim.AccessToken}\"",
            "Basic " + city.Victim.AccessToken, "DPoP " + city.Victim.AccessToken, "Token " + city.Victim.AccessToken, $"Bearer {city.Victim.AccessToken}, Bearer {city.Victim.AccessToken}", $"Bearer {city.Victim.AccessToken} x",
            $"Bearer Bearer {city.Victim.AccessToken}", "Bearer null", "Bearer undefined", "Bearer",
        }
        select new[] { ("authorization", value) }),
        TokenAttack.Sent(31, "two headers", TokenAttack.Invalid, city => from second in new[] { "Bearer " + city.Victim.AccessToken, "Bearer x", "Basic eDp5", "x" }
            from order in new[] { false, true }
            select order ? new[] { ("authorization", second), ("authorization", "Bearer " + city.Victim.AccessToken) } : [("authorization", "Bearer " + city.Victim.AccessToken), ("authorization", second)]),
    ];

    /// <summary>Issuers that are not this one, though they look like it.</summary>
    public static object?[] Issuers(string issuer) =>
    [
        null, "", issuer + "/", issuer.ToUpperInvariant(), issuer + " ", issuer + "#", issuer + "?", issuer + "/.", "https://other.example", issuer.Replace("https://", "http://", StringComparison.Ordinal),
        issuer.Replace("127", "\u0661\u0662\u0667", StringComparison.Ordinal), issuer.Replace("127", "\uff11\uff12\uff17", StringComparison.Ordinal), issuer.Replace("https", "http\u0455", StringComparison.Ordinal),
        issuer.Replace("127.0.0.1", "localhost", StringComparison.Ordinal), issuer + "@other.example", new[] { issuer }, 1,
    ];

    /// <summary>Headers in which proxies tell whose certificate a connection has.</summary>
    public static IEnumerable<(string Name, string Value)> ForwardedHeaders(X509Certificate2 certificate)
    {
        var (base64, pem) = (Convert.ToBase64String(certificate.RawData), Uri.EscapeDataString(certificate.ExportCertificatePem()));
        return
        [
            ("client-cert", $":{base64}:"), ("client-cert", pem), ("x-client-cert", base64), ("x-ssl-client-cert", pem), ("ssl-client-cert", pem), ("x-arr-clientcert", base64), ("x-forwarded-client-cert", $"Cert=\"{pem}\""),
            ("x-forwarded-tls-client-cert", base64), ("x-client-certificate", base64),
        ];
    }

    private static ForgedToken As(ForgedToken token, string id) => token.WithClaim("sub", id).WithClaim("client_id", id);

    private static Dictionary<string, string> Confirmation(string name, string value) => new() { [name] = value };

    private static string Thumbprint(X509Certificate2 certificate) => System.Buffers.Text.Base64Url.EncodeToString(SHA256.HashData(certificate.RawData));
}
