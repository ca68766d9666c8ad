using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Exchange.Catalog;

namespace Exchange.Server.Identity;

/// <summary>A client's public keys: a JWK set (RFC 7517) of 1 to 10 EC P-256 keys.</summary>
public sealed class ClientKeys
{
    private const int MostKeys = 10;
    private const int LongestText = 16 * 1024;
    private const int CoordinateBytes = 32;

    private readonly List<(string? Id, ECParameters Key)> keys;

    private ClientKeys(List<(string? Id, ECParameters Key)> keys) => this.keys = keys;

    /// <summary>Reads a JWK set. The refusal says which key is bad; a private key is refused, so that nobody sends one twice.</summary>
    public static Result<ClientKeys> Parse(string jwks)
    {
        ArgumentNullException.ThrowIfNull(jwks);
        try
        {
            if (jwks.Length > LongestText)
            {
                return Bad("TOO_LONG", $"a JWK set is at most {LongestText} characters");
            }

            if (StrictJson.ReadObject(Encoding.UTF8.GetBytes(jwks)) is not { } set
                || !set.TryGetProperty("keys", out var array) || array.ValueKind is not JsonValueKind.Array
                || array.GetArrayLength() is 0 or > MostKeys)
            {
                return Bad("NOT_A_JWK_SET", $"give a JWK set (RFC 7517) with 1 to {MostKeys} keys in `keys`");
            }

            var keys = new List<(string? Id, ECParameters Key)>();
            foreach (var jwk in array.EnumerateArray())
            {
                if (Refuse(jwk) is { } refusal)
                {
                    return refusal;
                }

                keys.Add((CompactJws.Text(jwk, "kid"), Key(jwk)));
            }

            return keys.Where(key => key.Id is not null).GroupBy(key => key.Id).Any(group => group.Count() > 1)
                ? Bad("DUPLICATE_KID", "each key needs a `kid` of its own")
                : new ClientKeys(keys);
        }
        catch (CryptographicException)
        {
            return Bad("NOT_ON_CURVE", "a key's `x` and `y` are no point of P-256");
        }
    }

    /// <summary>The JWK set of one public key, with its thumbprint as <c>kid</c>.</summary>
    public static string ToJwks(ECParameters key)
    {
        var (x, y) = JwkThumbprint.Coordinates(key);
        return JsonSerializer.Serialize(new { keys = new[] { new { kty = "EC", crv = "P-256", x, y, kid = JwkThumbprint.Of(key), use = "sig", alg = "ES256" } } });
    }

    /// <summary>True when one of the keys signed it: the one its header names, or any when it names none.</summary>
    internal bool Signed(CompactJws jws)
    {
        var id = CompactJws.Text(jws.Header, "kid");
        return keys.Any(key => (id is null || key.Id == id) && jws.IsSignedBy(key.Key));
    }

    private static Refusal? Refuse(JsonElement jwk)
    {
        if (jwk.ValueKind is not JsonValueKind.Object || CompactJws.Text(jwk, "kty") is not "EC" || CompactJws.Text(jwk, "crv") is not "P-256")
        {
            return Bad("KEY_KIND", "keys must be of `kty` EC and `crv` P-256");
        }

        if (jwk.TryGetProperty("d", out _))
        {
            return Bad("PRIVATE_KEY", "this holds a private key: make a new one and send its public half only");
        }

        if (jwk.TryGetProperty("use", out var use) && !IsText(use, "sig") || jwk.TryGetProperty("alg", out var algorithm) && !IsText(algorithm, "ES256"))
        {
            return Bad("KEY_USE", "keys must be for `use` sig and `alg` ES256");
        }

        return jwk.TryGetProperty("kid", out var id) && (id.ValueKind is not JsonValueKind.String || id.GetString() is not { Length: > 0 and <= 200 })
            ? Bad("KEY_ID", "a `kid` is a text of 1 to 200 characters")
            : null;
    }

    private static bool IsText(JsonElement value, string text) => value.ValueKind is JsonValueKind.String && value.ValueEquals(text);

    private static ECParameters Key(JsonElement jwk)
    {
        var parameters = new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = Coordinate(jwk, "x"), Y = Coordinate(jwk, "y") } };

        // Refuses a point that is not on the curve.
        using var check = ECDsa.Create(parameters);
        return parameters;
    }

    private static byte[] Coordinate(JsonElement jwk, string name) =>
        CompactJws.Text(jwk, name) is { } text && Base64Url.IsValid(text) && Base64Url.DecodeFromChars(text) is { Length: CoordinateBytes } bytes
            ? bytes
            : throw new CryptographicException($"`{name}` is not {CoordinateBytes} bytes");

    private static Refusal Bad(string reason, string message) => Refusal.Invalid("client.jwks", reason, message);
}
