using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Exchange.EventStore.Sealing;

/// <summary>The key of one stream. What it seals has partition ‖ stream (big-endian) as associated data, see <see cref="SealedBytes"/>.</summary>
internal sealed class DataKey
{
    public const int SizeBytes = 32;

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
        Span<byte> associated = stackalloc byte[20];
        WriteName(associated, Partition, StreamId);
        return SealedBytes.Seal(key, plaintext, associated);
    }

    /// <summary>Throws <see cref="AuthenticationTagMismatchException"/> when the bytes were changed or are another stream's.</summary>
    public byte[] Open(ReadOnlySpan<byte> sealedBytes)
    {
        Span<byte> associated = stackalloc byte[20];
        WriteName(associated, Partition, StreamId);
        return SealedBytes.Open(key, sealedBytes, associated);
    }

    public static void WriteName(Span<byte> target, int partition, Guid streamId)
    {
        BinaryPrimitives.WriteInt32BigEndian(target, partition);
        streamId.TryWriteBytes(target[4..], bigEndian: true, out _);
    }
}
