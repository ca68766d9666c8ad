using System.Buffers.Text;
using System.Text.Json;

namespace Exchange.Catalog;

/// <summary>Checks the shape of a client's JWK set (RFC 7517, RFC 7518 section 6.2): public EC keys on P-256, nothing else.</summary>
internal static class PublicKeySet
{
    private const int Longest = 16_384;
    private const int MostKeys = 10;

    /// <summary>What is wrong with the set; null when nothing is.</summary>
    internal static string? Complaint(string jwks)
    {
        if (jwks.Length is 0 or > Longest)
        {
            return $"give the public keys as one JWK set of at most {Longest} characters";
        }

        try
        {
            using var document = JsonDocument.Parse(jwks);
            if (document.RootElement is not { ValueKind: JsonValueKind.Object } root
                || !root.TryGetProperty("keys", out var keys)
                || keys.ValueKind is not JsonValueKind.Array
                || keys.GetArrayLength() is 0 or > MostKeys)
            {
                return $"must be a JSON object with 1 to {MostKeys} keys in `keys`";
            }

            return keys.EnumerateArray().Select(KeyComplaint).FirstOrDefault(complaint => complaint is not null);
        }
        catch (JsonException)
        {
            return "is not JSON";
        }
    }

    private static string? KeyComplaint(JsonElement key)
    {
        if (key.ValueKind is not JsonValueKind.Object)
        {
            return "each key must be a JSON object";
        }

        // RFC 7517 section 9.2: a private part must never be sent; one that was sent must be thrown away.
        if (key.TryGetProperty("d", out _))
        {
            return "holds a private key: send the public part only, and make a new key, for this one has been shown";
        }

        return Text(key, "kty") is "EC" && Text(key, "crv") is "P-256" && IsCoordinate(Text(key, "x")) && IsCoordinate(Text(key, "y"))
            ? null
            : "each key must be EC on P-256 with `x` and `y` of 32 bytes in base64url";
    }

    private static string? Text(JsonElement key, string name) =>
        key.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private static bool IsCoordinate(string? text) =>
        text is { Length: 43 } && Base64Url.IsValid(text, out var decodedLength) && decodedLength is 32;
}
