using System.Security.Cryptography;
using System.Text.Json;
using Exchange.Catalog;
using Microsoft.IdentityModel.Tokens;

namespace Exchange.Server.Identity;

/// <summary>JWKs (RFC 7517) of keys, and sets of their public halves.</summary>
internal static class WebKeys
{
    private const int RsaBits = 2048;

    /// <summary>The key with its thumbprint (RFC 7638) as <c>kid</c>, its private half too if it has one. It does not need the given object any more.</summary>
    public static JsonWebKey Of(ECParameters key) => Named(new()
    {
        Kty = JsonWebAlgorithmsKeyTypes.EllipticCurve,
        Crv = JsonWebKeyECTypes.P256,
        X = Base64UrlEncoder.Encode(key.Q.X),
        Y = Base64UrlEncoder.Encode(key.Q.Y),
        D = key.D is null ? null : Base64UrlEncoder.Encode(key.D),
    });

    /// <summary>A client's registered key, made of what was checked of it.</summary>
    public static JsonWebKey Of(PublicKey key) => key.Algorithm is PublicKeySet.Es256
        ? new() { Kty = JsonWebAlgorithmsKeyTypes.EllipticCurve, Crv = JsonWebKeyECTypes.P256, X = key.X, Y = key.Y }
        : new() { Kty = JsonWebAlgorithmsKeyTypes.RSA, N = key.Modulus, E = PublicKeySet.Exponent };

    /// <summary>A new key for <see cref="PublicKeySet.Es256"/> or <see cref="PublicKeySet.Ps256"/>.</summary>
    public static JsonWebKey New(string algorithm)
    {
        if (algorithm is PublicKeySet.Es256)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            return Of(key.ExportParameters(includePrivateParameters: true));
        }

        using var rsa = RSA.Create(RsaBits);
        return Named(JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(rsa.ExportParameters(includePrivateParameters: true))));
    }

    /// <summary>The key as a key pair of the platform, which the caller disposes.</summary>
    public static ECDsa ToECDsa(JsonWebKey key) => ECDsa.Create(new ECParameters
    {
        Curve = ECCurve.NamedCurves.nistP256,
        Q = new ECPoint { X = Base64UrlEncoder.DecodeBytes(key.X), Y = Base64UrlEncoder.DecodeBytes(key.Y) },
        D = key.D is null ? null : Base64UrlEncoder.DecodeBytes(key.D),
    });

    /// <summary>The public half of a key, as JSON text.</summary>
    public static string PublicJwk(JsonWebKey key) => JsonSerializer.Serialize(PublicHalf(key));

    /// <summary>The set of the public halves of keys, as one JSON text.</summary>
    public static string PublicSet(params IEnumerable<JsonWebKey> keys) => JsonSerializer.Serialize(new { keys = keys.Select(PublicHalf) });

    private static Dictionary<string, string> PublicHalf(JsonWebKey key) => key.Kty is JsonWebAlgorithmsKeyTypes.EllipticCurve
        ? new() { ["kty"] = key.Kty, ["crv"] = key.Crv, ["x"] = key.X, ["y"] = key.Y, ["kid"] = key.Kid, ["use"] = "sig", ["alg"] = PublicKeySet.Es256 }
        : new() { ["kty"] = key.Kty, ["n"] = key.N, ["e"] = key.E, ["kid"] = key.Kid, ["use"] = "sig", ["alg"] = PublicKeySet.Ps256 };

    private static JsonWebKey Named(JsonWebKey key)
    {
        key.Kid = key.KeyId = Base64UrlEncoder.Encode(key.ComputeJwkThumbprint());
        return key;
    }
}
