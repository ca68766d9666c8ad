using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Exchange.Catalog.Governance;

namespace Exchange.Catalog.Tests.Identity;

public class ClientKeyRulesTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    [Fact]
    public void The_thumbprint_is_that_of_RFC_7638_whatever_the_key_is_called()
    {
        // The example of RFC 7638 section 3.1.
        const string n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        var key = PublicKeySet.ParseKey($$"""{"kty":"RSA","n":"{{n}}","e":"AQAB","alg":"PS256","kid":"2011-04-29"}""", "key").Value;

        Assert.Equal("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", key.Thumbprint);
        Assert.Equal(key, PublicKeySet.ParseKey(key.ToJwk(), "key").Value);
    }

    [Fact]
    public void Setting_an_end_leaves_a_key_in_its_place_and_ten_are_enough()
    {
        var state = Registered(ClientAuthentication.PrivateKeyJwt, $"{{\"keys\":[{Jwk("k0")}]}}", "");
        var first = state.Clients["rolling"].Keys[0];
        for (var i = 1; i < 10; i++)
        {
            state = state.After(Add(state, jwk: Jwk($"k{i}")));
        }

        var ended = state.After(Add(state, jwk: first.PublicKey!.ToJwk(), expireTime: Now.AddDays(7)));

        Assert.Equal(first with { ExpireTime = Now.AddDays(7) }, ended.Clients["rolling"].Keys[0]);
        Assert.Null(Add(ended, jwk: first.PublicKey.ToJwk(), expireTime: Now.AddDays(7)).Value.Event);
        Assert.Equal(["key TOO_MANY"], Add(state, jwk: Jwk("k10")).Violations());
        Assert.False(first.IsGood(Now) is false);
        Assert.False(ended.Clients["rolling"].Keys[0].IsGood(Now.AddDays(7)));
    }

    [Fact]
    public void A_key_that_is_taken_away_is_gone_and_taking_it_away_again_changes_nothing()
    {
        var state = Registered(ClientAuthentication.PrivateKeyJwt, $"{{\"keys\":[{Jwk("a")},{Jwk("b")}]}}", "");
        var id = state.Clients["rolling"].Keys[0].Id;

        var removed = state.After(ClientKeyRules.Remove(state, City.Hotline, new("rolling"), id, Now));

        Assert.Equal("b", Assert.Single(removed.Clients["rolling"].Keys).PublicKey?.Id);
        Assert.Null(ClientKeyRules.Remove(removed, City.Hotline, new("rolling"), id, Now).Value.Event);
        Assert.Equal(RefusalReason.ClientNotFound, ClientKeyRules.Remove(state, City.Forum, new("rolling"), id, Now).Refusal?.Reason);
    }

    [Theory]
    [InlineData("NOT_A_CERTIFICATE", "nonsense")]
    [InlineData("NOT_A_CERTIFICATE", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")]
    [InlineData("PRIVATE_KEY", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")]
    [InlineData("KEY_SIZE", "rsa 1024")]
    [InlineData("EXPIRED", "expired")]
    [InlineData("KEY_USE", "server")]
    [InlineData("DUPLICATE", "twice")]
    public void Only_sound_certificates_are_taken(string reason, string certificate) =>
        Assert.Equal([$"client.certificates {reason}"], Register(ClientAuthentication.SelfSignedTls, "", Certificate(certificate)).Violations());

    [Fact]
    public void A_certificate_expires_at_its_own_end_at_the_latest()
    {
        var state = Registered(ClientAuthentication.SelfSignedTls, "", Certificate("good"));
        var end = Assert.Single(state.Clients["rolling"].Keys).ExpireTime!.Value;
        var other = Certificate("good");

        Assert.Equal(Now.AddDays(2).ToUnixTimeSeconds(), end.ToUnixTimeSeconds());
        Assert.Equal(Now.AddDays(1), Add(state, certificate: other, expireTime: Now.AddDays(1)).Value.Value.ExpireTime);
        Assert.True(Add(state, certificate: other, expireTime: Now.AddDays(100)).Value.Value.ExpireTime < Now.AddDays(3));
        Assert.True(state.Clients["rolling"].HasBoundTokens);
    }

    [Theory]
    [InlineData("client.tls_client_auth REQUIRED", "", "")]
    [InlineData("client.tls_client_auth REQUIRED", "CN=a", "a.example")]
    [InlineData("client.tls_client_auth.subject_dn INVALID_NAME", "no name", "")]
    [InlineData("client.tls_client_auth.subject_dn INVALID_NAME", "CN=a+O=b", "")]
    [InlineData("client.tls_client_auth.san_dns INVALID_NAME", "", "*.example.org")]
    [InlineData("client.tls_client_auth.san_dns INVALID_NAME", "", "10.0.0.1")]
    public void A_certificates_name_is_one_whole_subject_or_one_DNS_name(string violation, string subjectDn, string sanDns) =>
        Assert.Equal([violation], Register(ClientAuthentication.Tls, "", "", new(subjectDn, sanDns)).Violations());

    private static Result<GovernanceDecision<ClientRegistration>> Register(ClientAuthentication authentication, string jwks, string certificates, ClientCertificateName? name = null) => ClientRules.Register(
        City.State,
        new() { Id = new("rolling"), Department = City.Hotline, Authentication = authentication, CertificateName = name, Role = Role.DepartmentSystem },
        jwks,
        certificates,
        Now);

    private static GovernanceState Registered(ClientAuthentication authentication, string jwks, string certificates) =>
        City.State.After(Register(authentication, jwks, certificates));

    private static Result<GovernanceDecision<RegisteredKey>> Add(GovernanceState state, string jwk = "", string certificate = "", DateTimeOffset? expireTime = null) =>
        ClientKeyRules.Add(state, City.Hotline, new("rolling"), jwk, certificate, expireTime, Now);

    private static string Jwk(string id)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return $$"""{"kty":"EC","crv":"P-256","kid":"{{id}}","x":"{{System.Buffers.Text.Base64Url.EncodeToString(point.X)}}","y":"{{System.Buffers.Text.Base64Url.EncodeToString(point.Y)}}"}""";
    }

    private static string Certificate(string kind)
    {
        if (kind.StartsWith('-') || kind is "nonsense")
        {
            return kind;
        }

        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var rsa = RSA.Create(1024);
        var request = kind is "rsa 1024" ? new CertificateRequest("CN=a", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) : new CertificateRequest("CN=a", ec, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(kind is "server" ? "1.3.6.1.5.5.7.3.1" : ClientCertificates.ClientUsage)], false));
        using var certificate = request.CreateSelfSigned(Now.AddDays(-2), kind is "expired" ? Now.AddDays(-1) : Now.AddDays(2));
        var pem = certificate.ExportCertificatePem();
        return kind is "twice" ? $"{pem}\n{pem}" : pem;
    }
}
