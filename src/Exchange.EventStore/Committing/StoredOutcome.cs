using System.Buffers.Binary;
using Exchange.EventStore.Appending;

namespace Exchange.EventStore.Committing;

/// <summary>
/// Results as an idempotency row keeps them: version (1) ‖ count (4) ‖ per unit partition (4) ‖ first (8) ‖ last (8) ‖ recorded at, µs (8) ‖
/// length (4) ‖ outcome; big-endian.
/// </summary>
internal static class StoredOutcome
{
    private const byte Version = 1;
    private const int HeaderBytes = 5;
    private const int UnitBytes = 4 + 8 + 8 + 8 + 4;

    public static byte[] Write(ReadOnlySpan<UnitResult> units)
    {
        var size = HeaderBytes;
        foreach (var unit in units)
        {
            size += UnitBytes + unit.Outcome.Length;
        }

        var bytes = new byte[size];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(1), units.Length);
        var rest = bytes.AsSpan(HeaderBytes);
        foreach (var unit in units)
        {
            BinaryPrimitives.WriteInt32BigEndian(rest, unit.Partition);
            BinaryPrimitives.WriteInt64BigEndian(rest[4..], unit.FirstPosition);
            BinaryPrimitives.WriteInt64BigEndian(rest[12..], unit.LastPosition);
            BinaryPrimitives.WriteInt64BigEndian(rest[20..], unit.RecordedAt.ToMicros());
            BinaryPrimitives.WriteInt32BigEndian(rest[28..], unit.Outcome.Length);
            unit.Outcome.Span.CopyTo(rest[UnitBytes..]);
            rest = rest[(UnitBytes + unit.Outcome.Length)..];
        }

        return bytes;
    }

    public static UnitResult[] Read(byte[] bytes)
    {
        if (bytes.Length < HeaderBytes || bytes[0] is not Version)
        {
            throw new InvalidDataException("an idempotency row has a form this program does not know");
        }

        var units = new UnitResult[BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(1))];
        var rest = bytes.AsMemory(HeaderBytes);
        for (var i = 0; i < units.Length; i++)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(rest.Span[28..]);
            units[i] = new UnitResult(
                BinaryPrimitives.ReadInt32BigEndian(rest.Span),
                BinaryPrimitives.ReadInt64BigEndian(rest.Span[4..]),
                BinaryPrimitives.ReadInt64BigEndian(rest.Span[12..]),
                StoredTime.FromMicros(BinaryPrimitives.ReadInt64BigEndian(rest.Span[20..])),
                rest.Slice(UnitBytes, length));
            rest = rest[(UnitBytes + length)..];
        }

        return units;
    }
}
