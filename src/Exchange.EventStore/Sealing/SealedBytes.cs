using System.Security.Cryptography;

namespace Exchange.EventStore.Sealing;

/// <summary>
/// Bytes that only the holder of a key reads or makes: version (1) ‖ nonce (12) ‖ tag (16) ‖ ciphertext, AES-256-GCM with a random nonce. The associated data
/// is the name of what they belong to, so that they open nowhere else.
/// </summary>
public static class SealedBytes
{
    private const byte Version = 1;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int HeaderBytes = 1 + NonceBytes + TagBytes;

    /// <summary>Seals bytes under a key of 32 bytes; each time otherwise.</summary>
    public static byte[] Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> associated)
    {
        var result = new byte[HeaderBytes + plaintext.Length];
        result[0] = Version;
        var nonce = result.AsSpan(1, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(key, TagBytes);
        cipher.Encrypt(nonce, plaintext, result.AsSpan(HeaderBytes), result.AsSpan(1 + NonceBytes, TagBytes), associated);
        return result;
    }

    /// <summary>
    /// Opens them. Throws <see cref="AuthenticationTagMismatchException"/> when the key is another, or the bytes were changed or belong to something else, and
    /// <see cref="CryptographicException"/> for a version this program does not know.
    /// </summary>
    public static byte[] Open(ReadOnlySpan<byte> key, ReadOnlySpan<byte> sealedBytes, ReadOnlySpan<byte> associated)
    {
        if (sealedBytes.Length < HeaderBytes || sealedBytes[0] is not Version)
        {
            throw new CryptographicException("not a sealed value of a known version");
        }

        var plaintext = new byte[sealedBytes.Length - HeaderBytes];
        using var cipher = new AesGcm(key, TagBytes);
        cipher.Decrypt(sealedBytes.Slice(1, NonceBytes), sealedBytes[HeaderBytes..], sealedBytes.Slice(1 + NonceBytes, TagBytes), plaintext, associated);
        return plaintext;
    }
}
