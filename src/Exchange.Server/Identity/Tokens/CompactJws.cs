using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Exchange.Server.Identity;

/// <summary>
/// A JWS in compact form (RFC 7515) signed with ES256: three segments of canonical base64url, header and payload JSON objects without duplicate
/// names. Anything else, encryption and other algorithms included, is not one. Nothing in it is to be believed before <see cref="IsSignedBy"/>.
/// </summary>
internal sealed class CompactJws
{
    private const int SignatureBytes = 64;

    private readonly byte[] signed;
    private readonly byte[] signature;

    private CompactJws(JsonElement header, JsonElement payload, byte[] signed, byte[] signature)
    {
        Header = header;
        Payload = payload;
        this.signed = signed;
        this.signature = signature;
    }

    /// <summary>The JOSE header, an object.</summary>
    public JsonElement Header { get; }

    /// <summary>The claims, an object.</summary>
    public JsonElement Payload { get; }

    /// <summary>Signs the claims.</summary>
    public static string Sign(byte[] header, byte[] payload, ECDsa key)
    {
        var signed = $"{Base64Url.EncodeToString(header)}.{Base64Url.EncodeToString(payload)}";
        var signature = key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>Reads the text, which is at most this long, if it is a JWS that says `alg: ES256`.</summary>
    public static bool TryParse(string text, int longest, [NotNullWhen(true)] out CompactJws? jws)
    {
        jws = null;
        if (text.Length > longest || text.Split('.', 4) is not [var headerText, var payloadText, var signatureText])
        {
            return false;
        }

        if (!TryDecode(signatureText, out var signature) || signature.Length is not SignatureBytes
            || ReadObject(headerText) is not { } header || ReadObject(payloadText) is not { } payload
            || Text(header, "alg") is not "ES256")
        {
            return false;
        }

        jws = new CompactJws(header, payload, Encoding.ASCII.GetBytes(text, 0, headerText.Length + 1 + payloadText.Length), signature);
        return true;
    }

    /// <summary>True when this key's owner wrote header and claims.</summary>
    public bool IsSignedBy(ECParameters key)
    {
        using var algorithm = ECDsa.Create(key);
        return algorithm.VerifyData(signed, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    /// <summary>A member that is a string, or null.</summary>
    public static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    /// <summary>A NumericDate (RFC 7519) in whole or broken seconds from 1970 to 9999, or null.</summary>
    public static DateTimeOffset? Time(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number && value.TryGetDouble(out var seconds)
            && seconds is >= 0 and < 253_402_300_800
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
            : null;

    private static JsonElement? ReadObject(string segment) => TryDecode(segment, out var bytes) ? StrictJson.ReadObject(bytes) : null;

    // One text for each value: a second spelling of the same bytes, with padding, blanks or spare bits, is not accepted.
    private static bool TryDecode(string segment, out byte[] bytes)
    {
        bytes = [];
        if (segment.Length is 0 || !Base64Url.IsValid(segment))
        {
            return false;
        }

        bytes = Base64Url.DecodeFromChars(segment);
        return Base64Url.EncodeToString(bytes) == segment;
    }
}
