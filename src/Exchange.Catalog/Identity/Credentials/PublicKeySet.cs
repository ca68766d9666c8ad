using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Exchange.Catalog;

/// <summary>
/// A client's public keys: a JWK set (RFC 7517) of 1 to 10 keys, each EC on P-256, for ES256, or RSA of 2048 to 4096 bits, for PS256 (the algorithms of
/// FAPI 2.0 section 5.4.1).
/// </summary>
public sealed class PublicKeySet
{
    /// <summary>ECDSA on P-256 with SHA-256 (RFC 7518 section 3.4).</summary>
    public const string Es256 = "ES256";

    /// <summary>RSASSA-PSS with SHA-256 (RFC 7518 section 3.5).</summary>
    public const string Ps256 = "PS256";

    /// <summary>65537 in base64url, the one public exponent of RSA that is in use; larger ones make every check dearer.</summary>
    public const string Exponent = "AQAB";

    private const int Longest = 16 * 1024;
    private const int LongestId = 200;
    private const int CoordinateBytes = 32;
    private const int LeastModulusBytes = 256;
    private const int MostModulusBytes = 512;

    // RFC 7518 sections 6.2.2, 6.3.2 and 6.4.
    private static readonly string[] PrivateMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

    private PublicKeySet(IReadOnlyList<PublicKey> keys) => Keys = keys;

    /// <summary>The keys, in the set's order; several have an id each.</summary>
    public IReadOnlyList<PublicKey> Keys { get; }

    /// <summary>Reads a set. The refusal says which key is bad; a private key is refused, so that nobody sends one twice.</summary>
    public static Result<PublicKeySet> Parse(string jwks)
    {
        ArgumentNullException.ThrowIfNull(jwks);
        if (jwks.Length > Longest)
        {
            return Bad("TOO_LONG", $"a JWK set is at most {Longest} characters");
        }

        if (StrictJson.ReadObject(Encoding.UTF8.GetBytes(jwks)) is not { } set
            || !set.TryGetProperty("keys", out var array) || array.ValueKind is not JsonValueKind.Array
            || array.GetArrayLength() is 0 or > ClientKeyRules.MostKeys)
        {
            return Bad("NOT_A_JWK_SET", $"give a JWK set (RFC 7517) with 1 to {ClientKeyRules.MostKeys} keys in `keys`");
        }

        var keys = new List<PublicKey>();
        foreach (var jwk in array.EnumerateArray())
        {
            var key = Read(jwk);
            if (key.IsRefused)
            {
                return key.Refusal;
            }

            keys.Add(key.Value);
        }

        // Which of several keys to look at the assertion tells, so that it takes as long as with one.
        return keys.Count > 1 && (keys.Any(key => key.Id is null) || keys.DistinctBy(key => key.Id).Count() < keys.Count)
            ? Bad("DUPLICATE_KID", "each of several keys needs a `kid` of its own")
            : new PublicKeySet(keys);
    }

    /// <summary>Reads one key. The refusal complains of this field.</summary>
    public static Result<PublicKey> ParseKey(string jwk, string field)
    {
        ArgumentNullException.ThrowIfNull(jwk);
        if (jwk.Length > Longest || StrictJson.ReadObject(Encoding.UTF8.GetBytes(jwk)) is not { } read)
        {
            return Refusal.Invalid(field, "NOT_A_JWK", $"give one public key as a JWK (RFC 7517) of at most {Longest} characters");
        }

        var key = Read(read);
        return key.IsRefused ? Refusal.Invalid([.. key.Refusal.Violations.Select(violation => violation with { Field = field })]) : key;
    }

    private static Result<PublicKey> Read(JsonElement jwk)
    {
        if (jwk.ValueKind is not JsonValueKind.Object || AlgorithmOf(jwk) is not { } algorithm)
        {
            return Bad("KEY_KIND", "keys must be of `kty` EC and `crv` P-256, or of `kty` RSA");
        }

        // RFC 7517 section 9.2: a private part must never be sent; one that was sent must be thrown away.
        if (jwk.EnumerateObject().Any(member => PrivateMembers.Contains(member.Name, StringComparer.OrdinalIgnoreCase)))
        {
            return Bad("PRIVATE_KEY", "this holds a private key: send the public half only, and of a new key, for this one has been shown");
        }

        if (IsOther(jwk, "use", "sig") || IsOther(jwk, "alg", algorithm))
        {
            return Bad("KEY_USE", $"keys must be for `use` sig and, of `kty` EC, `alg` {Es256}, of `kty` RSA, {Ps256}");
        }

        if (jwk.TryGetProperty("kid", out var id) && (id.ValueKind is not JsonValueKind.String || id.GetString() is not { Length: > 0 and <= LongestId }))
        {
            return Bad("KEY_ID", $"a `kid` is a text of 1 to {LongestId} characters");
        }

        var key = new PublicKey(StrictJson.Text(jwk, "kid"), algorithm);
        return algorithm is Es256 ? WithPoint(key, jwk) : WithModulus(key, jwk);
    }

    private static string? AlgorithmOf(JsonElement jwk) => StrictJson.Text(jwk, "kty") switch
    {
        "EC" when StrictJson.Text(jwk, "crv") is "P-256" => Es256,
        "RSA" => Ps256,
        _ => null,
    };

    private static bool IsOther(JsonElement jwk, string name, string only) =>
        jwk.TryGetProperty(name, out var value) && (value.ValueKind is not JsonValueKind.String || !value.ValueEquals(only));

    // RFC 7518 section 6.2.1.
    private static Result<PublicKey> WithPoint(PublicKey key, JsonElement jwk)
    {
        if (Bytes(jwk, "x") is not { Length: CoordinateBytes } x || Bytes(jwk, "y") is not { Length: CoordinateBytes } y)
        {
            return Bad("NOT_ON_CURVE", $"a key's `x` and `y` are {CoordinateBytes} bytes each, in base64url");
        }

        try
        {
            using var check = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = x, Y = y } });
            return key with { X = Base64Url.EncodeToString(x), Y = Base64Url.EncodeToString(y) };
        }
        catch (CryptographicException)
        {
            return Bad("NOT_ON_CURVE", "a key's `x` and `y` are no point of P-256");
        }
    }

    // RFC 7518 section 6.3.1; the length as FAPI 2.0 section 5.4.1 asks for.
    private static Result<PublicKey> WithModulus(PublicKey key, JsonElement jwk) =>
        Bytes(jwk, "n") is { Length: >= LeastModulusBytes and <= MostModulusBytes } modulus && modulus[0] >= 0x80 && (modulus[^1] & 1) is 1 && StrictJson.Text(jwk, "e") is Exponent
            ? key with { Modulus = Base64Url.EncodeToString(modulus) }
            : Bad("KEY_SIZE", $"an RSA key's `n` has {LeastModulusBytes * 8} to {MostModulusBytes * 8} bits in whole bytes, and its `e` is `{Exponent}`");

    private static byte[]? Bytes(JsonElement jwk, string name) =>
        StrictJson.Text(jwk, name) is { } text ? StrictBase64Url.Decode(text) : null;

    private static Refusal Bad(string reason, string message) => Refusal.Invalid("client.jwks", reason, message);
}
