using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Exchange.Catalog;

namespace Exchange.Server.Feed;

/// <summary>
/// Texts that the hub gives to a client and takes back from it only: base64url, encrypted and authenticated (AES-256-GCM) under a key of the hub that
/// is bound to one client and one use. Nobody but the hub reads them: a page token holds the value of the row it goes on after.
/// </summary>
internal sealed class TokenSeal
{
    // 1 was authenticated only.
    private const byte Version = 2;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int FingerprintBytes = 16;
    private const int LeastBytes = 1 + NonceBytes + TagBytes;
    private const int LongestText = 1 << 20;

    private readonly byte[] key;
    private readonly byte[] nonceKey;

    /// <param name="hubKey">The hub's key; the seal's own key is derived from it.</param>
    public TokenSeal(ReadOnlySpan<byte> hubKey)
    {
        key = new byte[32];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, hubKey, key, [], "exchange token seal v1"u8);
        nonceKey = HKDF.DeriveKey(HashAlgorithmName.SHA256, hubKey.ToArray(), 32, info: "exchange token nonce v2"u8.ToArray());
    }

    /// <summary>What a text is for; one is never taken for the other.</summary>
    public enum Use
    {
        /// <summary>Where a reader is.</summary>
        Checkpoint = 1,

        /// <summary>Where a list goes on.</summary>
        ListPage = 3,

        /// <summary>Where a pull goes on, by partition and opening; those of 2 and 4 were in another order.</summary>
        PullPage = 5,
    }

    /// <summary>The text of a body; the same for the same body, so that it tells nothing more than that.</summary>
    public string Seal(Use use, ClientId client, ReadOnlySpan<byte> body)
    {
        var token = new byte[LeastBytes + body.Length];
        token[0] = Version;
        var nonce = token.AsSpan(1, NonceBytes);
        WriteNonce(use, client, body, nonce);
        using var cipher = Cipher(use, client);
        cipher.Encrypt(nonce, body, token.AsSpan(1 + NonceBytes, body.Length), token.AsSpan(token.Length - TagBytes), token.AsSpan(0, 1));
        return Base64Url.EncodeToString(token);
    }

    /// <summary>The body of a text this client got for this use from this hub; null for any other text.</summary>
    public byte[]? Open(Use use, ClientId client, string text)
    {
        if (!TryDecode(text, out var token) || token.Length < LeastBytes || token[0] is not Version)
        {
            return null;
        }

        var body = new byte[token.Length - LeastBytes];
        using var cipher = Cipher(use, client);
        try
        {
            cipher.Decrypt(token.AsSpan(1, NonceBytes), token.AsSpan(1 + NonceBytes, body.Length), token.AsSpan(token.Length - TagBytes), body, token.AsSpan(0, 1));
            return body;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
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
        return Convert.ToHexStringLower(mac[..FingerprintBytes]);
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

    // A keyed hash of all that is encrypted under it: no nonce comes again with another body.
    private void WriteNonce(Use use, ClientId client, ReadOnlySpan<byte> body, Span<byte> target)
    {
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, nonceKey);
        hash.AppendData([Version, (byte)use]);
        hash.AppendData(Encoding.UTF8.GetBytes(client.Value));

        // A client's id holds no NUL: where it ends and the body begins is plain.
        hash.AppendData([0]);
        hash.AppendData(body);
        hash.GetHashAndReset(mac);
        mac[..NonceBytes].CopyTo(target);
    }

    private AesGcm Cipher(Use use, ClientId client)
    {
        Span<byte> derived = stackalloc byte[32];
        HKDF.Expand(HashAlgorithmName.SHA256, key, derived, [Version, (byte)use, .. Encoding.UTF8.GetBytes(client.Value)]);
        return new AesGcm(derived, TagBytes);
    }
}
