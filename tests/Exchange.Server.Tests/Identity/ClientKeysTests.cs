using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Exchange.Server.Identity;
using Microsoft.IdentityModel.Tokens;

namespace Exchange.Server.Tests.Identity;

public sealed class ClientKeysTests
{
    [Fact]
    public void A_set_of_public_P_256_keys_is_taken_and_another_implementation_reads_ours()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var jwks = TestClient.ToJwks(key);

        Assert.False(ClientKeys.Parse(jwks).IsRefused);
        var read = Assert.Single(new JsonWebKeySet(jwks).Keys);
        Assert.Equal(read.KeyId, Base64UrlEncoder.Encode(read.ComputeJwkThumbprint()));
    }

    [Theory]
    [InlineData("KEY_KIND", """{"kty":"RSA","n":"AQAB","e":"AQAB"}""")]
    [InlineData("KEY_KIND", """{"kty":"oct","k":"AQAB"}""")]
    [InlineData("KEY_KIND", """{"crv":"P-384"}""")]
    [InlineData("PRIVATE_KEY", """{"d":"AQAB"}""")]
    [InlineData("KEY_USE", """{"use":"enc"}""")]
    [InlineData("KEY_USE", """{"alg":"ES384"}""")]
    [InlineData("KEY_USE", """{"use":["sig"]}""")]
    [InlineData("KEY_ID", """{"kid":""}""")]
    [InlineData("KEY_ID", """{"kid":7}""")]
    [InlineData("NOT_ON_CURVE", """{"x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}""")]
    [InlineData("NOT_ON_CURVE", """{"y":"AQAB"}""")]
    [InlineData("NOT_ON_CURVE", """{"y":null}""")]
    public void A_key_that_is_anything_else_is_refused_with_the_reason(string reason, string change)
    {
        Assert.Equal(reason, ReasonOf(Set(Changed(change))));
    }

    [Fact]
    public void A_set_that_is_none_is_refused()
    {
        var key = Changed("{}");

        Assert.Equal("NOT_A_JWK_SET", ReasonOf("nonsense"));
        Assert.Equal("NOT_A_JWK_SET", ReasonOf("[]"));
        Assert.Equal("NOT_A_JWK_SET", ReasonOf("{}"));
        Assert.Equal("NOT_A_JWK_SET", ReasonOf(Set()));
        Assert.Equal("NOT_A_JWK_SET", ReasonOf(Set([.. Enumerable.Range(0, 11).Select(i => Changed($$"""{"kid":"k{{i}}"}"""))])));
        Assert.Equal("NOT_A_JWK_SET", ReasonOf("""{"keys":[],"keys":[]}"""));
        Assert.Equal("DUPLICATE_KID", ReasonOf(Set(key, key)));
        Assert.Equal("TOO_LONG", ReasonOf(new string(' ', 20_000)));
    }

    [Fact]
    public async Task A_secret_proves_right_once_slowly_and_then_fast_until_another_is_stored()
    {
        using var secrets = new ClientSecrets();
        var (secret, hash) = ClientSecrets.Create();
        var (_, otherHash) = ClientSecrets.Create();

        Assert.False(secrets.IsRemembered(hash, secret));
        Assert.False(await secrets.VerifyAsync(hash, secret + "x", TestContext.Current.CancellationToken));
        Assert.False(await secrets.VerifyAsync(null, secret, TestContext.Current.CancellationToken));
        Assert.False(await secrets.VerifyAsync(otherHash, secret, TestContext.Current.CancellationToken));
        Assert.True(await secrets.VerifyAsync(hash, secret, TestContext.Current.CancellationToken));
        Assert.True(secrets.IsRemembered(hash, secret));
        Assert.False(secrets.IsRemembered(hash, secret + "x"));
        Assert.False(secrets.IsRemembered(otherHash, secret));
        Assert.StartsWith("pbkdf2-sha256$210000$", hash, StringComparison.Ordinal);
    }

    private static JsonObject Changed(string change)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var jwk = JsonNode.Parse(TestClient.ToJwks(key))!["keys"]![0]!.DeepClone().AsObject();
        foreach (var (name, value) in JsonNode.Parse(change)!.AsObject())
        {
            jwk[name] = value?.DeepClone();
        }

        return jwk;
    }

    private static string Set(params JsonObject[] keys) => JsonSerializer.Serialize(new { keys });

    private static string ReasonOf(string jwks) => Assert.Single(ClientKeys.Parse(jwks).Refusal!.Violations).Reason;
}
