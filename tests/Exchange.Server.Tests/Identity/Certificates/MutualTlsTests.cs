using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Exchange.Protos.V1;
using Exchange.Server.Tests.Grpc;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Exchange.Server.Tests.Identity.Certificates;

/// <summary>Clients that certificates prove, and tokens bound to certificates (RFC 8705). Reliability E3, T25 to T27.</summary>
[SupportedOSPlatform("linux")]
public sealed class MutualTlsTests
{
    private const string Subject = "CN=housing-sync, O=Housing";

    // One answer for whatever is wrong, as for a client that there is not.
    private const string Refused = """401 {"error":"invalid_client","error_description":"client authentication failed"}""";

    [Fact]
    public async Task A_certificate_of_a_trusted_authority_with_the_registered_name_proves_a_client_and_nothing_else_does()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        X509Certificate2 revoked = null!;
        await using var city = await CertificateHub.StartAsync("tls_client", authority => authority.Revoke(revoked = authority.Issue(Subject)));
        using var stranger = new TestAuthority("Test authority");
        using var good = city.Authority.Issue(Subject, key);
        using var renewed = city.Authority.Issue(Subject, key);
        using var named = city.Authority.Issue("CN=anything", dnsName: "Sync.Housing.Example");
        await city.RegisterAsync("by-subject", new Client { Authentication = ClientAuthentication.TlsClientAuth, TlsClientAuth = new() { SubjectDn = "CN=housing-sync,O=Housing" } });
        await city.RegisterAsync("by-dns", new Client { Authentication = ClientAuthentication.TlsClientAuth, TlsClientAuth = new() { SanDns = "sync.housing.example" } });

        X509Certificate2?[] bad =
        [
            null,
            city.Authority.Issue("CN=housing-sync, O=Other"),
            city.Authority.Issue("CN=housing-sync"),
            city.Authority.Issue("O=Housing, CN=housing-sync"),
            city.Authority.Issue("CN=housing-sync, O=Housing, C=CN"),
            city.Authority.Issue(Subject, fromDays: -3, toDays: -1),
            city.Authority.Issue(Subject, fromDays: 1, toDays: 2),
            city.Authority.Issue(Subject, usage: TestAuthority.ServerUsage),
            stranger.Issue(Subject),
            TestAuthority.SelfSign(Subject, key),
            revoked,
            named,
        ];
        var refusals = new List<string>();
        foreach (var certificate in bad)
        {
            refusals.Add(await city.AskAsync("by-subject", certificate));
        }

        Assert.All(refusals, refusal => Assert.Equal(Refused, refusal));
        foreach (var (client, certificate) in new[] { ("by-subject", good), ("by-subject", renewed), ("by-dns", named) })
        {
            var token = await city.AskAsync(client, certificate);
            Assert.Equal(ThumbprintOf(certificate), new JsonWebToken(token).GetPayloadValue<Dictionary<string, string>>("cnf")["x5t#S256"]);
            Assert.Equal("OK", await city.AnswerAsync(token, certificate));
        }

        Assert.Equal(Refused, await city.AskAsync("by-dns", good));
        Assert.Equal(Refused, await city.AskAsync("nobody", good));
        Assert.Equal(Refused, await city.AskAsync("operator", good));
    }

    [Fact]
    public async Task A_client_is_proved_by_the_very_certificates_it_registered_and_changes_them_without_a_gap()
    {
        await using var city = await CertificateHub.StartAsync("self_signed");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var first = TestAuthority.SelfSign(Subject, key);
        using var renewed = TestAuthority.SelfSign(Subject, key, toDays: 9);
        using var byAuthority = city.Authority.Issue(Subject, key);
        var identity = new IdentityService.IdentityServiceClient(city.Hub.Operator.Invoker);
        var client = await city.RegisterAsync("self-signed", new Client { Authentication = ClientAuthentication.SelfSignedTlsClientAuth, Certificates = first.ExportCertificatePem() });

        var token = await city.AskAsync("self-signed", first);
        var before = new[] { await city.AskAsync("self-signed", renewed), await city.AskAsync("self-signed", byAuthority), await city.AskAsync("self-signed", null) };
        await identity.AddClientKeyAsync(new AddClientKeyRequest { Parent = client.Name, Key = new() { Certificate = renewed.ExportCertificatePem() } });
        var (both, next) = (await city.AskAsync("self-signed", first), await city.AskAsync("self-signed", renewed));
        var answers = new[] { await city.AnswerAsync(token, first), await city.AnswerAsync(both, first), await city.AnswerAsync(next, renewed) };
        await identity.RemoveClientKeyAsync(new RemoveClientKeyRequest { Name = Assert.Single(client.Keys).Name });

        Assert.All(before, refusal => Assert.Equal(Refused, refusal));
        Assert.Equal(["OK", "OK", "OK"], answers);
        Assert.Equal(Refused, await city.AskAsync("self-signed", first));
        Assert.Equal("TOKEN_REVOKED", await city.AnswerAsync(token, first));
        Assert.Equal("OK", await city.AnswerAsync(next, renewed));
        Assert.Equal("OK", await city.AnswerAsync(await city.AskAsync("self-signed", renewed), renewed));
    }

    [Fact]
    public async Task A_bound_token_is_good_on_connections_with_its_certificate_only()
    {
        await using var city = await CertificateHub.StartAsync("bound_tokens");
        using var own = TestAuthority.SelfSign(Subject);
        using var other = TestAuthority.SelfSign(Subject);
        await city.RegisterAsync("bound", new Client { Authentication = ClientAuthentication.SelfSignedTlsClientAuth, Certificates = own.ExportCertificatePem() });
        var token = await city.AskAsync("bound", own);
        using var signing = city.Hub.SigningKey;
        var good = ForgedToken.Parse(token, signing);
        using var channel = city.Hub.ChannelWith(other);
        var headers = new global::Grpc.Core.Metadata { { "client-cert", $":{Convert.ToBase64String(own.RawData)}:" }, { "x-client-cert", own.ExportCertificatePem().ReplaceLineEndings("") } };

        Assert.Equal("OK", await city.AnswerAsync(token, own));
        Assert.Equal("OK", await city.AnswerAsync(good.ToString(), own));
        Assert.Equal("TOKEN_INVALID", await city.AnswerAsync(token, other));
        Assert.Equal("TOKEN_INVALID", await city.AnswerAsync(token, null));
        Assert.Equal("TOKEN_INVALID", await IdentityHub.AnswerAsync(TestClient.With(city.Hub, token), headers));
        Assert.Equal("TOKEN_INVALID", await IdentityHub.AnswerAsync(TestClient.With(channel, token), headers));

        // Even well signed: without it, to another one, by a weaker thumbprint, to something else.
        Assert.Equal("TOKEN_INVALID", await city.AnswerAsync(good.WithClaim("cnf", null).ToString(), own));
        foreach (object confirmation in new object[]
        {
            Confirmation("x5t#S256", ThumbprintOf(other)), Confirmation("x5t#S256", ""), Confirmation("x5t", Base64Url(own.GetCertHash())), Confirmation("jkt", ThumbprintOf(own)), "x", 1, Array.Empty<object>(),
        })
        {
            Assert.Equal("TOKEN_INVALID", await city.AnswerAsync(good.WithClaim("cnf", confirmation).ToString(), own));
        }
    }

    [Fact]
    public async Task A_client_with_a_key_may_have_its_tokens_bound_and_then_needs_a_certificate_to_get_one()
    {
        await using var city = await CertificateHub.StartAsync("bound_by_wish");
        using var certificate = TestAuthority.SelfSign("CN=any");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await city.RegisterAsync("wish", new Client { Authentication = ClientAuthentication.PrivateKeyJwt, Jwks = TestClient.ToJwks(key), CertificateBoundAccessTokens = true });
        (string, string)[] Assertion() =>
        [
            ("client_assertion_type", TestClient.AssertionType),
            ("client_assertion", TestClient.Assertion(city.Hub, "wish", new(new Microsoft.IdentityModel.Tokens.ECDsaSecurityKey(key), "ES256"))),
        ];

        var token = await city.AskAsync("wish", certificate, Assertion());

        Assert.Equal(Refused, await city.AskAsync("wish", null, Assertion()));
        Assert.Equal(Refused, await city.AskAsync("wish", certificate));
        Assert.Equal("OK", await city.AnswerAsync(token, certificate));
        Assert.Equal("TOKEN_INVALID", await city.AnswerAsync(token, null));
    }

    [Fact]
    public async Task A_certificate_that_its_authority_revokes_takes_its_tokens_and_streams_along()
    {
        var clock = new LaterClock();
        await using var city = await CertificateHub.StartAsync("crl_later", change: options => options with { Clock = clock });
        using var revoked = city.Authority.Issue(Subject);
        using var kept = city.Authority.Issue(Subject);
        await city.RegisterAsync("by-subject", new Client { Authentication = ClientAuthentication.TlsClientAuth, TlsClientAuth = new() { SubjectDn = Subject } });
        var (token, other) = (await city.AskAsync("by-subject", revoked), await city.AskAsync("by-subject", kept));
        var before = (await city.AnswerAsync(token, revoked), await city.AnswerAsync(other, kept));
        using var channel = city.Hub.ChannelWith(revoked);
        using var stream = new EdgeTest.EdgeTestClient(TestClient.With(channel, token)).Down(new EdgeMessage { Text = "hang" });
        Assert.True(await stream.ResponseStream.MoveNext(CancellationToken.None));

        city.Authority.Revoke(revoked);
        await File.WriteAllTextAsync(city.Hub.Options.ClientCrlFile!, city.Authority.RevocationList(), TestContext.Current.CancellationToken);
        clock.Later = TimeSpan.FromMinutes(2);
        var end = await TestStatus.RefusalOf(() => stream.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30)));

        Assert.Equal(("OK", "OK"), before);
        Assert.Equal((global::Grpc.Core.StatusCode.Unauthenticated, "TOKEN_REVOKED"), end);
        Assert.Equal(("TOKEN_REVOKED", "OK"), (await city.AnswerAsync(token, revoked), await city.AnswerAsync(other, kept)));
        Assert.Equal(Refused, await city.AskAsync("by-subject", revoked));
    }

    [Fact]
    public async Task Without_a_list_that_is_up_to_date_no_certificate_of_the_authority_proves_anything()
    {
        using var another = new TestAuthority("Another");
        foreach (var (name, list) in new[] { ("crl_missing", another.RevocationList()), ("crl_stale", null) })
        {
            await using var city = await CertificateHub.StartAsync(name, crl: list, before: null, change: options => options);
            if (list is null)
            {
                await File.WriteAllTextAsync(city.Hub.Options.ClientCrlFile!, city.Authority.RevocationList(nextUpdateDays: -1), TestContext.Current.CancellationToken);
                await city.Hub.RestartAsync();
            }

            using var good = city.Authority.Issue(Subject);
            await city.RegisterAsync("by-subject", new Client { Authentication = ClientAuthentication.TlsClientAuth, TlsClientAuth = new() { SubjectDn = Subject } });

            Assert.Equal(Refused, await city.AskAsync("by-subject", good));
        }
    }

    [Fact]
    public async Task Where_certificates_are_required_nobody_connects_without_one()
    {
        await using var city = await CertificateHub.StartAsync("mtls_required", change: options => options with { GrpcClientCertificates = ClientCertificateMode.RequireCertificate });
        using var any = TestAuthority.SelfSign("CN=any");
        var token = city.Hub.Operator.AccessToken;

        Assert.Equal("OK", await city.AnswerAsync(token, any));
        await Assert.ThrowsAsync<global::Grpc.Core.RpcException>(() => city.AnswerAsync(token, null));
    }

    [Fact]
    public async Task A_proxy_that_is_named_tells_the_clients_certificate_and_nobody_else_does()
    {
        using var own = TestAuthority.SelfSign(Subject);
        using var other = TestAuthority.SelfSign(Subject);
        await using var trusting = await TestHub.StartAsync("proxy_named", EdgeHub.Settings with { Options = options => options with { TrustedProxies = [System.Net.IPNetwork.Parse("127.0.0.0/8")] } });
        await using var wary = await TestHub.StartAsync("proxy_unnamed", EdgeHub.Settings with { Options = options => options with { TrustedProxies = [System.Net.IPNetwork.Parse("10.0.0.5/32")] } });
        foreach (var hub in new[] { trusting, wary })
        {
            await hub.RegisterDepartmentAsync("housing");
            await new IdentityService.IdentityServiceClient(hub.Operator.Invoker).CreateClientAsync(new CreateClientRequest
            {
                Parent = "departments/housing",
                ClientId = "proxied",
                Client = new Client { Authentication = ClientAuthentication.SelfSignedTlsClientAuth, Certificates = own.ExportCertificatePem(), Role = Role.DepartmentSystem },
            });
        }

        (string, string)[] standard = [("client-cert", $":{Convert.ToBase64String(own.RawData)}:")];
        (string, string)[] nginx = [("client-cert", Uri.EscapeDataString(own.ExportCertificatePem()))];
        (string, string)[] twice = [.. standard, .. standard];
        var token = await CertificateHub.AskAsync(trusting, "proxied", null, standard);
        global::Grpc.Core.Metadata Header(X509Certificate2 certificate) => new() { { "client-cert", $":{Convert.ToBase64String(certificate.RawData)}:" } };

        Assert.Equal("OK", await IdentityHub.AnswerAsync(TestClient.With(trusting, token), Header(own)));
        Assert.Equal("TOKEN_INVALID", await IdentityHub.AnswerAsync(TestClient.With(trusting, token), Header(other)));
        Assert.Equal("TOKEN_INVALID", await IdentityHub.AnswerAsync(TestClient.With(trusting, token)));
        Assert.Equal(3, (await CertificateHub.AskAsync(trusting, "proxied", null, nginx)).Split('.').Length);
        Assert.Equal(Refused, await CertificateHub.AskAsync(trusting, "proxied", null, twice));
        Assert.Equal(Refused, await CertificateHub.AskAsync(trusting, "proxied", null, [("client-cert", "nonsense")]));
        Assert.Equal(Refused, await CertificateHub.AskAsync(wary, "proxied", null, standard));
    }

    // Files are looked at again after a minute.
    private sealed class LaterClock : TimeProvider
    {
        public TimeSpan Later { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Later;
    }

    private static string ThumbprintOf(X509Certificate2 certificate) => Base64Url(SHA256.HashData(certificate.RawData));

    private static string Base64Url(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    private static Dictionary<string, string> Confirmation(string name, string value) => new() { [name] = value };
}
