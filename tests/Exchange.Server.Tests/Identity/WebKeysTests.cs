using System.Security.Cryptography;
using Exchange.Catalog;
using Exchange.Server.Identity;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Exchange.Server.Tests.Identity;

public sealed class WebKeysTests
{
    [Theory]
    [InlineData("ES256")]
    [InlineData("PS256")]
    public void A_public_set_is_taken_by_the_rules_and_another_implementation_reads_it(string algorithm)
    {
        var key = WebKeys.New(algorithm);
        var set = WebKeys.PublicSet(key);

        var taken = Assert.Single(PublicKeySet.Parse(set).Value.Keys);
        var read = Assert.Single(new JsonWebKeySet(set).Keys);
        Assert.True(key.HasPrivateKey);
        Assert.False(read.HasPrivateKey);
        Assert.Equal((key.Kid, algorithm), (taken.Id, taken.Algorithm));
        Assert.Equal(key.Kid, Base64UrlEncoder.Encode(read.ComputeJwkThumbprint()));
    }

    [Theory]
    [InlineData("ES256")]
    [InlineData("PS256")]
    public void What_a_key_signs_its_public_half_confirms_and_no_other(string algorithm)
    {
        var key = WebKeys.New(algorithm);
        var text = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken("{}", new SigningCredentials(key, algorithm));
        Assert.True(CompactJws.TryParse(text, 4096, out var jws));

        Assert.True(jws.IsSignedBy(WebKeys.Of(PublicHalf(key)), algorithm));
        Assert.False(jws.IsSignedBy(WebKeys.Of(PublicHalf(WebKeys.New(algorithm))), algorithm));
        Assert.False(jws.IsSignedBy(key, algorithm is "ES256" ? "PS256" : "ES256"));
    }

    [Fact]
    public void A_key_on_another_curve_does_not_become_the_hubs()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);

        Assert.Throws<CryptographicException>(() => SigningKey.ReadPem(key.ExportPkcs8PrivateKeyPem()));
    }

    private static PublicKey PublicHalf(JsonWebKey key) => Assert.Single(PublicKeySet.Parse(WebKeys.PublicSet(key)).Value.Keys);
}
