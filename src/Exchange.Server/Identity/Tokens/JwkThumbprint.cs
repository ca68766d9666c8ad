using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Exchange.Server.Identity;

/// <summary>EC P-256 public keys in the terms of RFC 7517 and RFC 7638.</summary>
internal static class JwkThumbprint
{
    /// <summary>Coordinates of the point, each 32 bytes in base64url.</summary>
    public static (string X, string Y) Coordinates(ECParameters key) => (Base64Url.EncodeToString(key.Q.X), Base64Url.EncodeToString(key.Q.Y));

    /// <summary>RFC 7638: SHA-256 over the required members in lexicographic order, in base64url. What the hub uses as <c>kid</c>.</summary>
    public static string Of(ECParameters key)
    {
        var (x, y) = Coordinates(key);
        return Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes($$"""{"crv":"P-256","kty":"EC","x":"{{x}}","y":"{{y}}"}""")));
    }
}
