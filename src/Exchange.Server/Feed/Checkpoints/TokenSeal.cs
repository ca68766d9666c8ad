using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Exchange.Catalog;

namespace Exchange.Server.Feed;

/// <summary>
/// Texts that the hub gives to a client and takes back from it only: opaque, base64url, authenticated under a key of the hub and bound to one
/// client and one use. Not secret: what stands in them the client knows.
/// </summary>
internal sealed class TokenSeal
{
    private const byte Version = 1;
    private const int MacBytes = 16;
    private const int LongestText = 1 << 20;

    private readonly byte[] key;

    /// <param name="hubKey">The hub's key; the seal's own key is derived from it.</param>
    public TokenSeal(ReadOnlySpan<byte> hubKey)
    {
        key = new byte[32];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, hubKey, key, [], "exchange token seal v1"u8);
    }

    /// <summary>What a text is for; one is never taken for the other.</summary>
    public enum Use
    {
        /// <summary>Where a reader is.</summary>
        Checkpoint = 1,

        /// <summary>Where a pull goes on.</summary>
        PullPage = 2,

        /// <summary>Where a list goes on.</summary>
        ListPage = 3,
    }

    /// <summary>The text of a body.</summary>
    public string Seal(Use use, ClientId client, ReadOnlySpan<byte> body)
    {
        var token = new byte[1 + body.Length + MacBytes];
        token[0] = Version;
        body.CopyTo(token.AsSpan(1));
        Mac(use, client, body, token.AsSpan(1 + body.Length));
        return Base64Url.EncodeToString(token);
    }

    /// <summary>The body of a text this client got for this use from this hub; null for any other text.</summary>
    public byte[]? Open(Use use, ClientId client, string text)
    {
        if (!TryDecode(text, out var token) || token.Length < 1 + MacBytes || token[0] is not Version)
        {
            return null;
        }

        var body = token.AsSpan(1, token.Length - 1 - MacBytes);
        Span<byte> mac = stackalloc byte[MacBytes];
        Mac(use, client, body, mac);
        return CryptographicOperations.FixedTimeEquals(mac, token.AsSpan(token.Length - MacBytes)) ? body.ToArray() : null;
    }

    /// <summary>
    /// Keyed hash of a text that may hold personal data: equal texts are recognised, no text is found out. 32 hexadecimal digits; empty for an
    /// empty text.
    /// </summary>
    public string Fingerprint(string text)
    {
        if (text.Length is 0)
        {
            return "";
        }

        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hash.AppendData("text\0"u8);
        hash.AppendData(Encoding.UTF8.GetBytes(text));
        hash.GetHashAndReset(mac);
        return Convert.ToHexStringLower(mac[..MacBytes]);
    }

    private static bool TryDecode(string text, [NotNullWhen(true)] out byte[]? token)
    {
        token = null;
        if (text.Length > LongestText || !Base64Url.IsValid(text))
        {
            return false;
        }

        // White space, padding and unused bits decode to the same bytes but were never written.
        token = Base64Url.DecodeFromChars(text);
        return Base64Url.EncodeToString(token) == text;
    }

    private void Mac(Use use, ClientId client, ReadOnlySpan<byte> body, Span<byte> target)
    {
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hash.AppendData([Version, (byte)use]);
        hash.AppendData(Encoding.UTF8.GetBytes(client.Value));
        // A client's id holds no NUL: where it ends and the body begins is plain.
        hash.AppendData([0]);
        hash.AppendData(body);
        hash.GetHashAndReset(mac);
        mac[..MacBytes].CopyTo(target);
    }
}
