using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Exchange.Catalog;

/// <summary>A public key that proves a client's assertions: what was checked of its JWK (RFC 7517) and nothing else of it.</summary>
/// <param name="Id">Its <c>kid</c>; null when it names none.</param>
/// <param name="Algorithm">The one JWS algorithm it is for (RFC 7518): <see cref="PublicKeySet.Es256"/> or <see cref="PublicKeySet.Ps256"/>.</param>
public sealed record PublicKey(string? Id, string Algorithm)
{
    /// <summary>For ES256: the point's first coordinate, 32 bytes in base64url; else empty.</summary>
    public string X { get; init; } = "";

    /// <summary>For ES256: the point's second coordinate, 32 bytes in base64url; else empty.</summary>
    public string Y { get; init; } = "";

    /// <summary>For PS256: the modulus, 256 to 512 bytes in base64url; else empty. The exponent is <see cref="PublicKeySet.Exponent"/>.</summary>
    public string Modulus { get; init; } = "";

    /// <summary>The thumbprint of RFC 7638, SHA-256 in base64url: the same however the key is written.</summary>
    public string Thumbprint => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(
        Algorithm is PublicKeySet.Es256
            ? $$"""{"crv":"P-256","kty":"EC","x":"{{X}}","y":"{{Y}}"}"""
            : $$"""{"e":"{{PublicKeySet.Exponent}}","kty":"RSA","n":"{{Modulus}}"}""")));

    /// <summary>The key as a JWK.</summary>
    public string ToJwk()
    {
        Dictionary<string, string> members = Algorithm is PublicKeySet.Es256
            ? new() { ["kty"] = "EC", ["crv"] = "P-256", ["x"] = X, ["y"] = Y }
            : new() { ["kty"] = "RSA", ["n"] = Modulus, ["e"] = PublicKeySet.Exponent };
        if (Id is not null)
        {
            members["kid"] = Id;
        }

        members["use"] = "sig";
        members["alg"] = Algorithm;
        return System.Text.Json.JsonSerializer.Serialize(members);
    }
}
