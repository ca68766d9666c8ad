using System.Security.Cryptography;
using System.Text;
using Exchange.Server.Tests.Grpc;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Exchange.Server.Tests.Identity;

/// <summary>Section T of the reliability promises: tokens that must not pass. Each spoils one thing of a token that passes.</summary>
public sealed class AccessTokenAttackTests(IdentityHub identity)
{
    private static readonly long Now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    [Fact]
    public async Task A_token_put_together_by_hand_passes_when_everything_in_it_is_right()
    {
        Assert.Equal("OK", await identity.AnswerAsync((await identity.GoodTokenAsync()).ToString()));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("nOnE")]
    [InlineData("")]
    public async Task A_token_without_a_signature_is_refused(string algorithm)
    {
        var token = (await identity.GoodTokenAsync()).WithHeader("alg", algorithm);

        Assert.Equal("TOKEN_INVALID", await identity.AnswerAsync(token.SignedBy(_ => []).ToString()));
        Assert.Equal("TOKEN_INVALID", await identity.AnswerAsync(token.SignedBy(_ => new byte[64]).ToString()));
    }

    [Fact]
    public async Task The_public_key_is_no_secret_key()
    {
        var token = (await identity.GoodTokenAsync()).WithHeader("alg", "HS256");
        var hub = (await identity.StartedAsync()).Hub;
        byte[][] publicForms =
        [
            Encoding.UTF8.GetBytes(identity.SigningKey.ExportSubjectPublicKeyInfoPem()),
            Encoding.UTF8.GetBytes(identity.SigningKey.ExportSubjectPublicKeyInfoPem() + "\n"),
            identity.SigningKey.ExportSubjectPublicKeyInfo(),
            await hub.Http.GetByteArrayAsync(new Uri("/.well-known/jwks", UriKind.Relative)),
        ];

        foreach (var key in publicForms)
        {
            Assert.Equal("TOKEN_INVALID", await identity.AnswerAsync(token.SignedBy(signed => HMACSHA256.HashData(key, signed)).ToString()));
        }
    }

    [Fact]
    public async Task Another_algorithm_or_curve_is_refused_even_with_a_real_key()
    {
        using var rsa = RSA.Create(2048);
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var good = await identity.GoodTokenAsync();

        Assert.Equal("TOKEN_INVALID", await identity.AnswerAsync(
            good.WithHeader("alg", "RS256").SignedBy(s => rsa.SignData(s, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)).ToString()));
        Assert.Equal("TOKEN_INVALID", await identity.AnswerAsync(good.WithHeader("alg", "ES384").SignedBy(s => p384.SignData(s, HashAlgorithmName.SHA384)).ToString()));
        Assert.Equal("TOKEN_INVALID", await identity.AnswerAsync(good.SignedBy(s => p384.SignData(s, HashAlgorithmName.SHA256)[..64]).ToString()));
    }

    [Fact]
    public async Task A_foreign_key_is_refused_whatever_it_calls_itself()
    {
        using var foreign = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (_, client) = await identity.StartedAsync();
        var signedByForeign = (await identity.GoodTokenAsync()).SignedBy(s => foreign.SignData(s, HashAlgorithmName.SHA256));
        var jwk = TestClient.ToJwks(foreign);

        foreach (var forged in new[]
        {
            signedByForeign,
            signedByForeign.WithHeader("kid", null),
            signedByForeign.WithHeader("kid", "../../../dev/null"),
            signedByForeign.WithHeader("kid", "' OR 1=1 --"),
            signedByForeign.WithHeader("kid", "a\0b"),
            signedByForeign.WithHeader("kid", new string('k', 3000)),
            signedByForeign.WithHeader("jwk", System.Text.Json.JsonSerializer.Deserialize<object>(jwk)),
            signedByForeign.WithHeader("jku", "http://127.0.0.1:1/jwks"),
            signedByForeign.WithHeader("x5u", "http://127.0.0.1:1/cert"),
            (await identity.GoodTokenAsync()).SignedBy(s => client.Key.SignData(s, HashAlgorithmName.SHA256)),
        })
        {
            Assert.Equal("TOKEN_INVALID", await identity.AnswerAsync(forged.ToString()));
        }
    }

    [Theory]
    [InlineData("typ", "JWT")]
    [InlineData("typ", "AT+JWT")]
    [InlineData("typ", "application/at+jwt")]
    [InlineData("typ", "dpop+jwt")]
    [InlineData("typ", null)]
    [InlineData("kid", null)]
    [InlineData("alg", null)]
    [InlineData("crit", "exp")]
    [InlineData("b64", "false")]
    [InlineData("zip", "DEF")]
    [InlineData("cty", "JWT")]
    public async Task A_header_that_is_not_exactly_ours_is_refused_though_the_signature_holds(string name, string? value)
    {
        Assert.Equal("TOKEN_INVALID", await identity.AnswerAsync((await identity.GoodTokenAsync()).WithHeader(name, value).ToString()));
    }

    [Fact]
    public async Task Issuer_and_audience_are_taken_to_the_letter()
    {
        var good = await identity.GoodTokenAsync();
        var issuer = (await identity.StartedAsync()).Hub.Node.Addresses.Issuer;

        foreach (var wrong in new object?[] { null, issuer + "/", issuer.ToUpperInvariant(), "https://other.example", new[] { issuer }, 1 })
        {
            Assert.Equal("TOKEN_INVALID", await identity.AnswerAsync(good.WithClaim("iss", wrong).ToString()));
        }

        foreach (var wrong in new object?[] { null, "", "Dataexchange", "dataexchange ", new[] { "dataexchange" }, new[] { "dataexchange", "other" }, issuer, issuer + "/connect/token" })
        {
            Assert.Equal("TOKEN_INVALID", await identity.AnswerAsync(good.WithClaim("aud", wrong).ToString()));
        }
    }

    [Fact]
    public async Task Time_counts_within_ten_seconds()
    {
        var good = await identity.GoodTokenAsync();

        Assert.Equal("TOKEN_EXPIRED", await identity.AnswerAsync(good.WithClaim("exp", Now - 300).ToString()));
        Assert.Equal("TOKEN_EXPIRED", await identity.AnswerAsync(good.WithClaim("exp", DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 11).ToString()));
        Assert.Equal("OK", await identity.AnswerAsync(good.WithClaim("exp", DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 5).ToString()));
        Assert.Equal("OK", await identity.AnswerAsync(good.WithClaim("iat", DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 8).ToString()));
        Assert.Equal("TOKEN_INVALID", await identity.AnswerAsync(good.WithClaim("iat", DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 60).ToString()));
        foreach (var wrong in new object?[] { null, "soon", $"{Now + 300}", -1, 1e30, true, new[] { Now + 300 } })
        {
            Assert.Equal("TOKEN_INVALID", await identity.AnswerAsync(good.WithClaim("exp", wrong).ToString()));
        }
    }

    [Fact]
    public async Task Whom_the_token_names_must_be_registered_just_so()
    {
        var good = await identity.GoodTokenAsync();

        foreach (var (claim, value) in new (string, object?)[]
        {
            ("sub", null), ("sub", "operator"), ("client_id", null), ("client_id", "operator"), ("department", null), ("department", "hub-operator"), ("department", "no-such"),
            ("role", null), ("role", "operator"), ("role", "Operator"), ("role", "unspecified"), ("role", 4), ("jti", null), ("jti", ""), ("jti", 7),
        })
        {
            Assert.Equal("TOKEN_INVALID", await identity.AnswerAsync(good.WithClaim(claim, value).ToString()));
        }

        Assert.Equal("TOKEN_INVALID", await identity.AnswerAsync(good.WithClaim("sub", "nobody").WithClaim("client_id", "nobody").ToString()));
    }

    [Fact]
    public async Task A_flipped_bit_anywhere_is_refused()
    {
        var good = (await identity.GoodTokenAsync()).ToString();
        var answers = new HashSet<string>();
        for (var i = 0; i < good.Length; i++)
        {
            var spoilt = good.ToCharArray();
            spoilt[i] = (char)(spoilt[i] ^ 1);
            answers.Add(await identity.AnswerAsync(new string(spoilt)));
        }

        Assert.Equal(["TOKEN_INVALID"], answers);
        Assert.Equal("OK", await identity.AnswerAsync(good));
    }

    [Fact]
    public async Task Only_one_spelling_of_a_token_is_a_token()
    {
        var good = (await identity.GoodTokenAsync()).ToString();
        var segments = good.Split('.');
        var doubled = ForgedToken.Assemble(
            System.Text.Json.JsonSerializer.Serialize((await identity.GoodTokenAsync()).Header),
            System.Text.Json.JsonSerializer.Serialize((await identity.GoodTokenAsync()).Claims).Replace("{", "{\"sub\":\"operator\",", StringComparison.Ordinal),
            (await identity.GoodTokenAsync()).Sign);

        foreach (var spelling in new[]
        {
            ForgedToken.Assemble("""{"alg":"ES256","typ":"at+jwt","kid":"\ud800"}""", """{"sub":"\udc00","\ud800":1}""", (await identity.GoodTokenAsync()).Sign),
            ForgedToken.Assemble(new string('[', 5), "[]", (await identity.GoodTokenAsync()).Sign),
            good + "=", good + "==", good + ".", "." + good, good + ".AAAA", segments[0] + "." + segments[1], segments[0] + "." + segments[1] + ".", segments[0] + ".." + segments[2],
            good.Replace(".", "..", StringComparison.Ordinal), good[..^1], " " + good, good + " ", doubled, string.Concat(Enumerable.Repeat(good, 20)), "x", "..", new string('a', 10_000),
        })
        {
            Assert.Equal("TOKEN_INVALID", await identity.AnswerAsync(spelling));
        }
    }

    [Fact]
    public async Task The_authorization_header_is_one_bearer_token()
    {
        var (hub, client) = await identity.StartedAsync();
        async Task<string> AnswerAsync(params (string Name, string Value)[] headers)
        {
            var metadata = new Metadata();
            foreach (var (name, value) in headers)
            {
                metadata.Add(name, value);
            }

            return await IdentityHub.AnswerAsync(hub.Anonymous.CreateCallInvoker(), metadata);
        }

        var token = client.AccessToken;
        Assert.Equal("OK", await AnswerAsync(("authorization", "bearer " + token)));
        Assert.Equal("TOKEN_MISSING", await AnswerAsync());
        Assert.Equal("TOKEN_MISSING", await AnswerAsync(("x-authorization", "Bearer " + token)));
        Assert.Equal("TOKEN_INVALID", await AnswerAsync(("authorization", "Bearer " + token), ("authorization", "Bearer " + token)));
        Assert.Equal("TOKEN_INVALID", await AnswerAsync(("authorization", token)));
        Assert.Equal("TOKEN_INVALID", await AnswerAsync(("authorization", "Basic " + token)));
        Assert.Equal("TOKEN_INVALID", await AnswerAsync(("authorization", "Bearer")));
        Assert.Equal("TOKEN_INVALID", await AnswerAsync(("authorization", "Bearer  " + token)));
    }

    [Fact]
    public async Task A_client_assertion_is_no_access_token()
    {
        var (_, client) = await identity.StartedAsync();

        Assert.Equal("TOKEN_INVALID", await identity.AnswerAsync(client.Assertion(("aud", "dataexchange"))));
    }

    [Fact]
    public async Task A_disabled_client_is_refused_from_the_next_request_on_and_gets_no_new_token()
    {
        var (hub, _) = await identity.StartedAsync();
        var client = await hub.RegisterAsync("leaver");
        Assert.Equal("OK", await identity.AnswerAsync(client.AccessToken));

        await hub.DisableAsync(client);

        Assert.Equal("CLIENT_DISABLED", await identity.AnswerAsync(client.AccessToken));
        using var response = await TestClient.RequestAsync(hub, client.Assertion());
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Every_RPC_but_health_demands_a_token()
    {
        var (hub, _) = await identity.StartedAsync();
        var methods = hub.Services.GetRequiredService<IEnumerable<EndpointDataSource>>()
            .SelectMany(source => source.Endpoints)
            .Select(endpoint => endpoint.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method.FullName)
            .OfType<string>()
            .Distinct()
            .ToList();
        Assert.True(methods.Count > 15, $"{methods.Count}");

        foreach (var name in methods.Where(name => !name.StartsWith("/grpc.health.v1.", StringComparison.Ordinal)))
        {
            var parts = name.Split('/');
            var method = new Method<byte[], byte[]>(MethodType.Unary, parts[1], parts[2], Marshallers.Create(b => b, b => b), Marshallers.Create(b => b, b => b));
            var refusal = await TestStatus.RefusalOf(() => hub.Anonymous.CreateCallInvoker().AsyncUnaryCall(method, null, default, []).ResponseAsync);

            Assert.True(refusal == (StatusCode.Unauthenticated, "TOKEN_MISSING"), $"{name}: {refusal}");
        }
    }
}
