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
    public const int FixedBytes = 1 + SizeBytes + 4 + 8 + 16 + 8 + 8 + 8;

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

    /// <summary>Bytes that <see cref="Write"/> takes at most.</summary>
    public static int MostBytes(string type, string caller, string client, int payloadBytes) =>
        FixedBytes + 16 + (3 * (type.Length + caller.Length + client.Length)) + payloadBytes;

    /// <summary>Writes an event's canonical bytes and tells how many they are. The payload stands at their end.</summary>
    public static int Write(Span<byte> target, in HashedEvent e, string type, string caller, string client, ReadOnlySpan<byte> payload)
    {
        WriteFixed(target, e);
        var at = FixedBytes;
        at += WriteText(target[at..], type);
        at += WriteText(target[at..], caller);
        at += WriteText(target[at..], client);
        BinaryPrimitives.WriteInt32BigEndian(target[at..], payload.Length);
        payload.CopyTo(target[(at + 4)..]);
        return at + 4 + payload.Length;
    }

    /// <summary>The part of the canonical bytes before the four of varying length.</summary>
    public static void WriteFixed(Span<byte> target, in HashedEvent e)
    {
        target[0] = Sha256;
        e.Previous.CopyTo(target[1..]);
        var rest = target[(1 + SizeBytes)..];
        BinaryPrimitives.WriteInt32BigEndian(rest, e.Partition);
        BinaryPrimitives.WriteInt64BigEndian(rest[4..], e.Position);
        e.StreamId.TryWriteBytes(rest[12..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(rest[28..], e.Version);
        BinaryPrimitives.WriteInt64BigEndian(rest[36..], e.RecordedAtMicros);
        BinaryPrimitives.WriteInt64BigEndian(rest[44..], e.GovernancePosition);
    }

    /// <summary>What of canonical bytes is of varying length, each with its length before it: the type; the caller and the client; the payload.</summary>
    public static CanonicalParts Parts(ReadOnlySpan<byte> canonical, int payloadBytes)
    {
        var rest = canonical[FixedBytes..];
        var typed = 4 + BinaryPrimitives.ReadInt32BigEndian(rest);
        var payload = rest.Length - payloadBytes - 4;
        return new CanonicalParts(rest[..typed], rest[typed..payload], rest[payload..]);
    }

    /// <summary>Stored hash of canonical bytes.</summary>
    public static void Digest(ReadOnlySpan<byte> canonical, Span<byte> hash)
    {
        hash[0] = canonical[0];
        SHA256.HashData(canonical, hash[1..]);
    }

    private static int WriteText(Span<byte> target, string text)
    {
        var length = Encoding.UTF8.GetBytes(text, target[4..]);
        BinaryPrimitives.WriteInt32BigEndian(target, length);
        return 4 + length;
    }
}

/// <summary>What <see cref="EventHash.Parts"/> tells.</summary>
internal readonly ref struct CanonicalParts(ReadOnlySpan<byte> type, ReadOnlySpan<byte> callerAndClient, ReadOnlySpan<byte> payload)
{
    public ReadOnlySpan<byte> Type { get; } = type;

    public ReadOnlySpan<byte> CallerAndClient { get; } = callerAndClient;

    public ReadOnlySpan<byte> Payload { get; } = payload;
}

/// <summary>What the fixed part of an event's canonical bytes holds.</summary>
internal readonly ref struct HashedEvent
{
    public required ReadOnlySpan<byte> Previous { get; init; }

    public required int Partition { get; init; }

    public required long Position { get; init; }

    public required Guid StreamId { get; init; }

    public required long Version { get; init; }

    public required long RecordedAtMicros { get; init; }

    public required long GovernancePosition { get; init; }
}
