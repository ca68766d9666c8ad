using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Exchange.Catalog;
using Microsoft.IdentityModel.Tokens;

namespace Exchange.Server.Identity;

/// <summary>
/// A JWS in compact form (RFC 7515): three segments of canonical base64url, header and payload JSON objects without duplicate names. Anything else,
/// encryption included, is not one. Nothing in it is to be believed before <see cref="IsSignedBy"/>.
/// </summary>
internal sealed class CompactJws
{
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

    /// <summary>What the header says of its algorithm; null when it says nothing.</summary>
    public string? Algorithm => StrictJson.Text(Header, "alg");

    /// <summary>Reads the text, which is at most this long, if it is a JWS.</summary>
    public static bool TryParse(string text, int longest, [NotNullWhen(true)] out CompactJws? jws)
    {
        jws = null;
        if (text.Length > longest || text.Split('.', 4) is not [var headerText, var payloadText, var signatureText])
        {
            return false;
        }

        if (StrictBase64Url.Decode(signatureText) is not { } signature || ReadObject(headerText) is not { } header || ReadObject(payloadText) is not { } payload)
        {
            return false;
        }

        jws = new CompactJws(header, payload, Encoding.ASCII.GetBytes(text, 0, headerText.Length + 1 + payloadText.Length), signature);
        return true;
    }

    /// <summary>True when this key's owner wrote header and claims with this algorithm, which is the caller's to choose (RFC 8725 section 3.1).</summary>
    public bool IsSignedBy(SecurityKey key, string algorithm)
    {
        if (Algorithm != algorithm)
        {
            return false;
        }

        var factory = key.CryptoProviderFactory;
        var provider = factory.CreateForVerifying(key, algorithm);
        try
        {
            return provider.Verify(signed, signature);
        }
        finally
        {
            factory.ReleaseSignatureProvider(provider);
        }
    }

    /// <summary>A NumericDate (RFC 7519) in whole or broken seconds from 1970 to the last day but one of 9999, so that a little can be added; or null.</summary>
    public static DateTimeOffset? Time(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number && value.TryGetDouble(out var seconds)
            && seconds is >= 0 and < 253_402_214_400
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
            : null;

    private static JsonElement? ReadObject(string segment) => StrictBase64Url.Decode(segment) is { } bytes ? StrictJson.ReadObject(bytes) : null;
}
