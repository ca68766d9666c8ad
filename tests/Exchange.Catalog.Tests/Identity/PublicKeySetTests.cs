using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Exchange.Catalog.Tests.Identity;

public class PublicKeySetTests
{
    [Fact]
    public void Keys_for_ES256_and_PS256_are_read_in_order()
    {
        var keys = PublicKeySet.Parse(Set(EllipticCurve("first"), Rsa(2048, "second"), Rsa(4096, "third"))).Value.Keys;

        Assert.Equal([("first", "ES256"), ("second", "PS256"), ("third", "PS256")], keys.Select(key => (key.Id, key.Algorithm)));
    }

    [Theory]
    [InlineData("KEY_KIND", """{"kty":"oct","k":"AQAB"}""")]
    [InlineData("KEY_KIND", """{"kty":"OKP"}""")]
    [InlineData("KEY_KIND", """{"crv":"P-384"}""")]
    [InlineData("KEY_KIND", """{"crv":null}""")]
    [InlineData("PRIVATE_KEY", """{"d":"AQAB"}""")]
    [InlineData("KEY_USE", """{"use":"enc"}""")]
    [InlineData("KEY_USE", """{"alg":"ES384"}""")]
    [InlineData("KEY_USE", """{"alg":"PS256"}""")]
    [InlineData("KEY_USE", """{"use":["sig"]}""")]
    [InlineData("KEY_ID", """{"kid":""}""")]
    [InlineData("KEY_ID", """{"kid":7}""")]
    [InlineData("NOT_ON_CURVE", """{"x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}""")]
    [InlineData("NOT_ON_CURVE", """{"y":"AQAB"}""")]
    [InlineData("NOT_ON_CURVE", """{"y":null}""")]
    public void A_key_that_is_anything_else_is_refused_with_the_reason(string reason, string change) =>
        Assert.Equal(reason, ReasonOf(Set(Changed(EllipticCurve(), change))));

    [Theory]
    [InlineData("KEY_USE", """{"alg":"RS256"}""")]
    [InlineData("KEY_USE", """{"alg":"ES256"}""")]
    [InlineData("PRIVATE_KEY", """{"d":"AQAB"}""")]
    [InlineData("PRIVATE_KEY", """{"p":"AQAB"}""")]
    [InlineData("PRIVATE_KEY", """{"Q":"AQAB"}""")]
    [InlineData("PRIVATE_KEY", """{"dp":"AQAB"}""")]
    [InlineData("KEY_SIZE", """{"e":"Aw"}""")]
    [InlineData("KEY_SIZE", """{"e":null}""")]
    [InlineData("KEY_SIZE", """{"n":null}""")]
    [InlineData("KEY_SIZE", """{"n":"AQAB"}""")]
    public void An_RSA_key_is_for_PS256_with_the_usual_exponent(string reason, string change) => Assert.Equal(reason, ReasonOf(Set(Changed(Rsa(2048), change))));

    [Theory]
    [InlineData(1024)]
    [InlineData(2040)]
    [InlineData(4104)]
    public void An_RSA_key_has_2048_to_4096_bits(int bits) => Assert.Equal("KEY_SIZE", ReasonOf(Set(Rsa(bits))));

    [Fact]
    public void Nothing_is_taken_from_a_key_but_what_was_checked()
    {
        var (key, other) = (Rsa(2048), Rsa(2048));
        var modulus = key["n"]!.GetValue<string>();
        var doubled = Changed(key, $$"""{"N":"{{other["n"]}}","KTY":"oct","x5c":["AQAB"],"key_ops":"verify","x":"AQAB"}""");

        Assert.Equal(new PublicKey(null, "PS256") { Modulus = modulus }, Assert.Single(PublicKeySet.Parse(Set(doubled)).Value.Keys));
    }

    [Fact]
    public void A_set_that_is_none_is_refused()
    {
        Assert.Equal("NOT_A_JWK_SET", ReasonOf("nonsense"));
        Assert.Equal("NOT_A_JWK_SET", ReasonOf("[]"));
        Assert.Equal("NOT_A_JWK_SET", ReasonOf("{}"));
        Assert.Equal("NOT_A_JWK_SET", ReasonOf(Set()));
        Assert.Equal("NOT_A_JWK_SET", ReasonOf(Set([.. Enumerable.Range(0, 11).Select(i => EllipticCurve($"k{i}"))])));
        Assert.Equal("NOT_A_JWK_SET", ReasonOf("""{"keys":[],"keys":[]}"""));
        Assert.Equal("DUPLICATE_KID", ReasonOf(Set(EllipticCurve("same"), Rsa(2048, "same"))));
        Assert.Equal("DUPLICATE_KID", ReasonOf(Set(EllipticCurve("one"), Rsa(2048))));
        Assert.Equal("TOO_LONG", ReasonOf(new string(' ', 20_000)));
    }

    private static JsonObject EllipticCurve(string? id = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return Named(new() { ["kty"] = "EC", ["crv"] = "P-256", ["x"] = Base64Url.EncodeToString(point.X), ["y"] = Base64Url.EncodeToString(point.Y) }, id);
    }

    private static JsonObject Rsa(int bits, string? id = null)
    {
        using var key = RSA.Create(bits);
        var parameters = key.ExportParameters(includePrivateParameters: false);
        return Named(new() { ["kty"] = "RSA", ["n"] = Base64Url.EncodeToString(parameters.Modulus), ["e"] = Base64Url.EncodeToString(parameters.Exponent) }, id);
    }

    private static JsonObject Named(JsonObject key, string? id)
    {
        if (id is not null)
        {
            key["kid"] = id;
        }

        return key;
    }

    private static JsonObject Changed(JsonObject key, string change)
    {
        foreach (var (name, value) in JsonNode.Parse(change)!.AsObject())
        {
            key[name] = value?.DeepClone();
        }

        return key;
    }

    private static string Set(params JsonObject[] keys) => JsonSerializer.Serialize(new { keys });

    private static string ReasonOf(string jwks) => Assert.Single(PublicKeySet.Parse(jwks).Refusal!.Violations).Reason;
}
