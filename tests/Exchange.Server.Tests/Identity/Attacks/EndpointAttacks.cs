using System.Runtime.Versioning;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Exchange.Server.Tests.Identity.Certificates;

namespace Exchange.Server.Tests.Identity.Attacks;

/// <summary>Section T's attacks on the token, introspection and revocation endpoints.</summary>
[SupportedOSPlatform("linux")]
internal static class EndpointAttacks
{
    private static readonly string[] TokenOnly = ["/connect/token"];

    private static readonly string[] TokensOnly = ["/connect/introspect", "/connect/revoke"];

    public static IReadOnlyList<EndpointAttack> All { get; } =
    [
        .. Forgery.All.Select(forgery => Asserted(forgery.Number, forgery.Name, city => forgery.Texts(city, city.Assertion(), city.Victim.Key))),
        Asserted(7, "another client's key, with its own id", city => [city.Assertion().SignedBy(ForgedToken.Parse(city.Other.Assertion(), city.Other.Key).Sign).ToString(), city.Assertion().WithHeader("kid", "energy").SignedBy(ForgedToken.Parse(city.Other.Assertion(), city.Other.Key).Sign).ToString()]),
        Asserted(10, "another type of token", city => [.. from type in new object[] { "at+jwt", "dpop+jwt", "id_token", "secevent+jwt", "", 1 } select city.Assertion().WithHeader("typ", type).ToString(), city.Victim.AccessToken, city.RevokedToken]),
        Claim(11, "iss", city => [.. TokenAttacks.Issuers(city.Issuer), "operator", "energy-system", "water-system "]),
        Claim(12, "aud", city => [null, "", city.Issuer + "/", city.Issuer + "/connect/token", city.Issuer + "/connect/par", "dataexchange", "https://other.example", new[] { city.Issuer }, new[] { city.Issuer, "x" }, new[] { city.Issuer + "/connect/token", city.Issuer }, 1]),
        Claim(13, "exp", _ => [null, AttackCity.Now - 11, AttackCity.Now - 300, "soon", $"{AttackCity.Now + 60}", -1, 1e30, true, new[] { AttackCity.Now + 30 }]),
        Claim(14, "nbf", _ => [AttackCity.Now + 61, AttackCity.Now + 120, "now", -1, true, 1e30]),
        Claim(14, "iat", _ => [AttackCity.Now + 61, AttackCity.Now + 120, "now", -1, true, 1e30]),
        Claim(15, "exp", _ => [AttackCity.Now + 68, AttackCity.Now + 120, AttackCity.Now + 290, AttackCity.Now + 3_600, AttackCity.Now + 86_400 * 365]),
        Claim(16, "sub", _ => [null, "", "operator", "energy-system", "nobody", "'; DROP TABLE x", "water-system ", "WATER-SYSTEM", 1, new string('s', 1_000)]),
        Asserted(16, "somebody else, wholly", city => from id in new[] { "operator", "energy-system", "nobody", "trial", "bound", "disabled" } select city.Assertion().WithClaim("iss", id).WithClaim("sub", id).ToString()),
        Claim(17, "jti", _ => [null, "", new string('j', 256), 1, true, new[] { "x" }]),
        new("an assertion with another client's id beside it", [19], EndpointAnswer.InvalidClient, (city, path) => from id in new[] { "energy-system", "operator", "nobody", "trial", "WATER-SYSTEM", "water-system " } select EndpointTry.Asserted(city, path, city.Victim.Assertion(), ("client_id", id))),
        new("an assertion of another kind, or none", [10, 16], EndpointAnswer.InvalidClient, (city, path) =>
        [
            EndpointTry.Of(("client_assertion", city.Victim.Assertion()), EndpointTry.Wanted(city, path)), EndpointTry.Of(("client_assertion_type", TestClient.AssertionType), EndpointTry.Wanted(city, path)),
            EndpointTry.Of(("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"), ("client_assertion", city.Victim.Assertion()), EndpointTry.Wanted(city, path)),
            EndpointTry.Of(("client_assertion_type", TestClient.AssertionType), ("client_assertion", ""), EndpointTry.Wanted(city, path)),
        ]),
        new("two methods at once", [20], EndpointAnswer.InvalidRequest("two methods"), (city, path) =>
        [
            EndpointTry.Asserted(city, path, city.Victim.Assertion(), ("client_secret", city.Secret)), EndpointTry.Asserted(city, path, city.Victim.Assertion()) with { Headers = [Basic(AttackCity.SecretClient, city.Secret)] },
            EndpointTry.Of(("client_id", AttackCity.SecretClient), ("client_secret", city.Secret), EndpointTry.Wanted(city, path)) with { Headers = [Basic(AttackCity.SecretClient, city.Secret)] },
            EndpointTry.Asserted(city, path, city.Victim.Assertion()) with { Headers = [("authorization", "Bearer " + city.Victim.AccessToken)] },
        ]),
        new("a secret of a client that has a key, and one that is wrong", [21], EndpointAnswer.InvalidClient, (city, path) =>
        [
            EndpointTry.Of(("client_id", "water-system"), ("client_secret", city.Secret), EndpointTry.Wanted(city, path)), EndpointTry.Of(EndpointTry.Wanted(city, path)) with { Headers = [Basic("water-system", city.Secret)] },
            EndpointTry.Of(("client_id", AttackCity.SecretClient), ("client_secret", city.Secret + "x"), EndpointTry.Wanted(city, path)), EndpointTry.Of(("client_id", AttackCity.SecretClient), ("client_secret", new string('s', 300)), EndpointTry.Wanted(city, path)),
            EndpointTry.Of(("client_secret", city.Secret), EndpointTry.Wanted(city, path)), EndpointTry.Of(("client_id", "energy-system"), EndpointTry.Wanted(city, path)) with { Headers = [Basic(AttackCity.SecretClient, city.Secret)] },
        ]),
        new("an authorization header that is no client's", [21, 31], EndpointAnswer.InvalidClient, (city, path) =>
            from value in new[] { "Basic", "Basic ", "Basic !", "Basic eA==", "Bearer " + city.Victim.AccessToken, $"{Basic(AttackCity.SecretClient, city.Secret).Value}, {Basic(AttackCity.SecretClient, city.Secret).Value}", "Digest x", city.Secret }
            select EndpointTry.Of(EndpointTry.Wanted(city, path)) with { Headers = [("authorization", value)] }),
        new("another method", [22], new(405, "invalid_request", "method"), (city, path) =>
            from method in new[] { "GET", "PUT", "DELETE", "PATCH", "OPTIONS" } select EndpointTry.Asserted(city, path, city.Victim.Assertion()) with { Method = method }),
        new("everything in the address", [22], EndpointAnswer.InvalidRequest("address"), (city, path) =>
            from query in new[] { "?x=1", "?grant_type=client_credentials", "?client_id=water-system", "?token=" + city.Victim.AccessToken } select EndpointTry.Asserted(city, path, city.Victim.Assertion()) with { Query = query }),
        new("parameters that come twice", [22], EndpointAnswer.InvalidRequest("twice"), (city, path) =>
            from more in new (string Name, string Value)[] { EndpointTry.Wanted(city, path), ("client_assertion", city.Victim.Assertion()), ("client_assertion_type", TestClient.AssertionType), ("Client_Assertion", "x") }
            select EndpointTry.Asserted(city, path, city.Victim.Assertion(), more)),
        new("another kind of body", [22], EndpointAnswer.InvalidRequest("content type"), (city, path) =>
            from type in new[] { "application/json", "multipart/form-data; boundary=x", "text/plain", "application/xml", null } select EndpointTry.Asserted(city, path, city.Victim.Assertion()) with { ContentType = type }),
        new("a body too large or of too much", [24], EndpointAnswer.InvalidRequest("size"), (city, path) =>
        [
            EndpointTry.Asserted(city, path, city.Victim.Assertion(), Enumerable.Range(0, 30).Select(i => ($"p{i}", "x"))), EndpointTry.Asserted(city, path, city.Victim.Assertion(), ("p", new string('p', 33 * 1024))),
            EndpointTry.Asserted(city, path, city.Victim.Assertion(), (new string('n', 10_000), "x")),
        ]),
        new("an assertion of a megabyte", [24], EndpointAnswer.InvalidRequest("size"), (city, path) => [EndpointTry.Asserted(city, path, new string('a', 1_000_000))]),
        new("no grant type", [22], EndpointAnswer.InvalidRequest("grant type"), (city, _) =>
            from more in new (string, string)[][] { [], [("grant_type", "")], [("Grant_Type", "client_credentials")] } select Bare(city, more)) { Paths = TokenOnly },
        new("another grant type", [22], new(400, "unsupported_grant_type"), (city, _) =>
            from type in new[] { "password", "authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:jwt-bearer", "CLIENT_CREDENTIALS", "client_credentials " } select Bare(city, ("grant_type", type))) { Paths = TokenOnly },
        new("a wider scope", [22], new(400, "invalid_scope"), (city, path) =>
            from scope in new[] { "operator", "*", "openid", " ", "read write" } select EndpointTry.Asserted(city, path, city.Victim.Assertion(), ("scope", scope))) { Paths = TokenOnly },
        new("no token to look at", [29], EndpointAnswer.InvalidRequest("token"), (city, _) => from more in new (string, string)[][] { [], [("token", "")] } select Bare(city, more)) { Paths = TokensOnly },
        new("a certificate that proves nobody", [25], EndpointAnswer.InvalidClient, (city, path) => Certificates(city).Select(certificate =>
            EndpointTry.Of(("client_id", AttackCity.TrustedClient), EndpointTry.Wanted(city, path)) with { Certificate = certificate })),
        new("a certificate for somebody else", [25], EndpointAnswer.InvalidClient, (city, path) => from id in new[] { "bound", "operator", "nobody", "water-system", "trial", "", " ", "HOUSING-SYNC", "housing sync", "users/attacked", "external/x", "'; DROP TABLE x", "..", new string('i', 1_000) }
            select EndpointTry.Of(("client_id", id), EndpointTry.Wanted(city, path)) with { Certificate = city.TrustedCertificate }),
        new("a certificate that a header tells", [27], EndpointAnswer.InvalidClient, (city, path) =>
            from id in new[] { "bound", AttackCity.TrustedClient } from header in TokenAttacks.ForwardedHeaders(id is "bound" ? city.OwnCertificate : city.TrustedCertificate)
            select EndpointTry.Of(("client_id", id), EndpointTry.Wanted(city, path)) with { Headers = [header] }),
        new("a stranger, or one that proves nothing", [29], EndpointAnswer.InvalidClient, (city, path) =>
        [
            EndpointTry.Of(EndpointTry.Wanted(city, path)), EndpointTry.Of(("client_id", "water-system"), EndpointTry.Wanted(city, path)), EndpointTry.Of(("client_id", "nobody"), EndpointTry.Wanted(city, path)), new(""),
        ]),
        new("another client's token looked at", [29], new(200, null, "inactive"), (city, path) => [EndpointTry.Asserted(city, path, city.Other.Assertion())]) { Paths = ["/connect/introspect"] },
        new("another client's token revoked", [29], EndpointAnswer.InvalidRequest("another's token"), (city, path) => [EndpointTry.Asserted(city, path, city.Other.Assertion())]) { Paths = ["/connect/revoke"] },
        new("a client that is disabled, a key that was taken away", [30], EndpointAnswer.InvalidClient, (city, path) => [EndpointTry.Asserted(city, path, city.Disabled.Assertion()), EndpointTry.Asserted(city, path, city.KeyRemoved.Assertion())]),
    ];

    private static EndpointAttack Asserted(int number, string name, Func<AttackCity, IEnumerable<string>> assertions) =>
        new(name, [number], EndpointAnswer.InvalidClient, (city, path) => assertions(city).Select(assertion => EndpointTry.Asserted(city, path, assertion)));

    private static EndpointAttack Claim(int number, string name, Func<AttackCity, IEnumerable<object?>> values) =>
        Asserted(number, $"{name} of an assertion", city => values(city).Select(value => city.Assertion((name, value)).ToString()));

    private static EndpointTry Bare(AttackCity city, params (string, string)[] more) => EndpointTry.Of([("client_assertion_type", TestClient.AssertionType), ("client_assertion", city.Victim.Assertion()), .. more]);

    private static (string Name, string Value) Basic(string id, string secret) => ("authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{id}:{secret}")));

    private static IEnumerable<X509Certificate2?> Certificates(AttackCity city)
    {
        using var stranger = new TestAuthority("Test authority");
        return
        [
            null, city.OtherCertificate, city.OwnCertificate, city.RevokedCertificate, city.Authority.Issue("CN=housing-sync, O=Other"), city.Authority.Issue("CN=housing-sync"), city.Authority.Issue(AttackCity.Subject, fromDays: -3, toDays: -1),
            city.Authority.Issue(AttackCity.Subject, fromDays: 1, toDays: 2), city.Authority.Issue(AttackCity.Subject, usage: TestAuthority.ServerUsage), stranger.Issue(AttackCity.Subject), TestAuthority.SelfSign(AttackCity.Subject),
        ];
    }
}
