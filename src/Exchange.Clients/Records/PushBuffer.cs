using Exchange.Protos.V1;
using Google.Protobuf;

namespace Exchange.Clients.Records;

/// <summary>
/// The records of a batch as they go on the wire, each written once, when it is added: as part of a message object each would be measured again for
/// every message around it. Not for several threads.
/// </summary>
internal sealed class PushBuffer
{
    private const byte RecordTag = (PushedBatch.RecordsFieldNumber << 3) | (int)WireFormat.WireType.LengthDelimited;
    private const int LongestHead = 1 + 5;

    private byte[] _bytes = new byte[64 * 1024];

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>What was written: field `records` of a `PushedBatch`, once for each record. Valid until the next record is added.</summary>
    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    /// <summary>Writes a record of this size.</summary>
    public void Add(PushedRecord record, int size)
    {
        if (_bytes.Length - Length < size + LongestHead)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + size + LongestHead));
        }

        _bytes[Length] = RecordTag;
        Length += 1 + WriteVarint(_bytes.AsSpan(Length + 1), (ulong)size);
        record.WriteTo(_bytes.AsSpan(Length, size));
        Length += size;
    }

    /// <summary>Forgets what was written and keeps the memory.</summary>
    public void Clear() => Length = 0;

    /// <summary>Writes a varint; how many bytes it took.</summary>
    public static int WriteVarint(Span<byte> target, ulong value)
    {
        var length = 0;
        for (; value >= 0x80; value >>= 7)
        {
            target[length++] = (byte)(value | 0x80);
        }

        target[length++] = (byte)value;
        return length;
    }
}
