using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Exchange.EventStore.Sealing;

/// <summary>
/// The key of one stream. Sealed bytes are: version (1) ‖ nonce (12) ‖ tag (16) ‖ ciphertext, AES-256-GCM with partition ‖ stream (big-endian)
/// as associated data, so that they open nowhere else.
/// </summary>
internal sealed class DataKey
{
    public const int SizeBytes = 32;
    private const byte Version = 1;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int HeaderBytes = 1 + NonceBytes + TagBytes;

    private readonly byte[] key;

    public DataKey(int partition, Guid streamId, byte[] key)
    {
        Partition = partition;
        StreamId = streamId;
        this.key = key;
    }

    public int Partition { get; }

    public Guid StreamId { get; }

    public ReadOnlySpan<byte> Bytes => key;

    public static DataKey Create(int partition, Guid streamId) => new(partition, streamId, RandomNumberGenerator.GetBytes(SizeBytes));

    public byte[] Seal(ReadOnlySpan<byte> plaintext)
    {
        var result = new byte[HeaderBytes + plaintext.Length];
        result[0] = Version;
        var nonce = result.AsSpan(1, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        Span<byte> associated = stackalloc byte[20];
        WriteName(associated, Partition, StreamId);
        using var cipher = new AesGcm(key, TagBytes);
        cipher.Encrypt(nonce, plaintext, result.AsSpan(HeaderBytes), result.AsSpan(1 + NonceBytes, TagBytes), associated);
        return result;
    }

    /// <summary>Throws <see cref="AuthenticationTagMismatchException"/> when the bytes were changed or are another stream's.</summary>
    public byte[] Open(ReadOnlySpan<byte> sealedBytes)
    {
        if (sealedBytes.Length < HeaderBytes || sealedBytes[0] is not Version)
        {
            throw new CryptographicException("not a sealed value of a known version");
        }

        var plaintext = new byte[sealedBytes.Length - HeaderBytes];
        Span<byte> associated = stackalloc byte[20];
        WriteName(associated, Partition, StreamId);
        using var cipher = new AesGcm(key, TagBytes);
        cipher.Decrypt(sealedBytes.Slice(1, NonceBytes), sealedBytes[HeaderBytes..], sealedBytes.Slice(1 + NonceBytes, TagBytes), plaintext, associated);
        return plaintext;
    }

    public static void WriteName(Span<byte> target, int partition, Guid streamId)
    {
        BinaryPrimitives.WriteInt32BigEndian(target, partition);
        streamId.TryWriteBytes(target[4..], bigEndian: true, out _);
    }
}
