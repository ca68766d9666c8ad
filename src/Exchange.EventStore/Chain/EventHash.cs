using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Exchange.EventStore.Chain;

/// <summary>
/// The hash chain's encoding. A stored hash is 33 bytes: algorithm id, then the digest. Algorithm 1 is SHA-256 over
/// <code>
/// algorithm id (1) ‖ previous stored hash (33) ‖ partition (4) ‖ position (8) ‖ stream id (16) ‖ version (8) ‖ recorded at, µs since 1970 (8) ‖
/// governance position (8) ‖ type ‖ caller ‖ client ‖ payload
/// </code>
/// integers and UUIDs big-endian, the last four each as length in bytes (4) ‖ bytes, text as UTF-8. The hash before position 1 is
/// <see cref="Genesis"/>. INVARIANT: the layout of an algorithm id never changes; another layout or digest is another id.
/// </summary>
internal static class EventHash
{
    public const byte Sha256 = 1;
    public const int SizeBytes = 1 + SHA256.HashSizeInBytes;
    private const int FixedBytes = 1 + SizeBytes + 4 + 8 + 16 + 8 + 8 + 8;

    /// <summary>What stands before the first event of a partition: algorithm id ‖ SHA-256("exchange log" ‖ store id ‖ partition).</summary>
    public static byte[] Genesis(Guid storeId, int partition)
    {
        Span<byte> input = stackalloc byte[12 + 16 + 4];
        "exchange log"u8.CopyTo(input);
        storeId.TryWriteBytes(input[12..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(input[28..], partition);
        var hash = new byte[SizeBytes];
        hash[0] = Sha256;
        SHA256.HashData(input, hash.AsSpan(1));
        return hash;
    }

    public static byte[] Compute(
        ReadOnlySpan<byte> previous, int partition, long position, Guid streamId, long version, long recordedAtMicros, long governancePosition, string type, string caller, string client, ReadOnlySpan<byte> payload)
    {
        var size = FixedBytes + 16 + 3 * (type.Length + caller.Length + client.Length) + payload.Length;
        var buffer = ArrayPool<byte>.Shared.Rent(size);
        var writer = buffer.AsSpan();
        writer[0] = Sha256;
        previous.CopyTo(writer[1..]);
        var at = 1 + SizeBytes;
        BinaryPrimitives.WriteInt32BigEndian(writer[at..], partition);
        BinaryPrimitives.WriteInt64BigEndian(writer[(at + 4)..], position);
        streamId.TryWriteBytes(writer[(at + 12)..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(writer[(at + 28)..], version);
        BinaryPrimitives.WriteInt64BigEndian(writer[(at + 36)..], recordedAtMicros);
        BinaryPrimitives.WriteInt64BigEndian(writer[(at + 44)..], governancePosition);
        at = FixedBytes;
        at += WriteText(writer[at..], type);
        at += WriteText(writer[at..], caller);
        at += WriteText(writer[at..], client);
        BinaryPrimitives.WriteInt32BigEndian(writer[at..], payload.Length);
        payload.CopyTo(writer[(at + 4)..]);
        at += 4 + payload.Length;

        var hash = new byte[SizeBytes];
        hash[0] = Sha256;
        SHA256.HashData(writer[..at], hash.AsSpan(1));
        ArrayPool<byte>.Shared.Return(buffer);
        return hash;
    }

    private static int WriteText(Span<byte> target, string text)
    {
        var length = Encoding.UTF8.GetBytes(text, target[4..]);
        BinaryPrimitives.WriteInt32BigEndian(target, length);
        return 4 + length;
    }
}
