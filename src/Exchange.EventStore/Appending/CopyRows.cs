using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Exchange.EventStore.Appending;

/// <summary>
/// Rows in the binary form of PostgreSQL's COPY, written column by column: for many rows at once it costs the database half of what array parameters
/// do. Not for concurrent use. The memory is rented: whoever gets the rows disposes them.
/// </summary>
public sealed class CopyRows : IDisposable
{
    /// <summary>From so many rows on COPY is the cheaper way; below, its own round trip costs more than it saves.</summary>
    public const int Worthwhile = 100;

    // Below the size from which objects are kept in a heap that is seldom collected.
    internal const int BlockBytes = 64 * 1024;

    private const int NumericGroup = 10_000;

    private static readonly DateTime PostgresEpoch = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    // Signature, flags, length of the extension.
    private static readonly byte[] Signature = [.. "PGCOPY\n"u8, 0xff, 0x0d, 0x0a, 0x00, 0, 0, 0, 0, 0, 0, 0, 0];

    private readonly List<byte[]> blocks = [];
    private int used = BlockBytes;

    // The row under way; what is at its beginning may still change.
    private byte[] bytes = ArrayPool<byte>.Shared.Rent(4096);
    private int length;
    private bool isEnded;

    /// <summary>No rows yet.</summary>
    public CopyRows()
    {
        Signature.CopyTo(Take(Signature.Length));
    }

    /// <summary>Rows begun so far.</summary>
    public int Count { get; private set; }

    /// <summary>Begins a row of so many columns; write exactly as many.</summary>
    public void BeginRow(int columns)
    {
        ObjectDisposedException.ThrowIf(isEnded, this);
        Keep();
        Count++;
        BinaryPrimitives.WriteInt16BigEndian(Take(2), (short)columns);
    }

    /// <summary>A column without a value.</summary>
    public void Null() => BinaryPrimitives.WriteInt32BigEndian(Take(4), -1);

    /// <summary>An `int`; also a `date`, in days since 2000-01-01.</summary>
    public void Int32(int value)
    {
        var target = Take(8);
        BinaryPrimitives.WriteInt32BigEndian(target, 4);
        BinaryPrimitives.WriteInt32BigEndian(target[4..], value);
    }

    /// <summary>A `bigint`; also a `timestamptz`, in microseconds since 2000-01-01T00:00:00Z.</summary>
    public void Int64(long value)
    {
        var target = Take(12);
        BinaryPrimitives.WriteInt32BigEndian(target, 8);
        BinaryPrimitives.WriteInt64BigEndian(target[4..], value);
    }

    /// <summary>A `timestamptz`; finer digits than microseconds are cut off.</summary>
    public void Timestamp(DateTime value) => Int64((value.Ticks / TimeSpan.TicksPerMicrosecond) - (PostgresEpoch.Ticks / TimeSpan.TicksPerMicrosecond));

    /// <summary>A `boolean`.</summary>
    public void Boolean(bool value)
    {
        var target = Take(5);
        BinaryPrimitives.WriteInt32BigEndian(target, 1);
        target[4] = value ? (byte)1 : (byte)0;
    }

    /// <summary>A `double precision`.</summary>
    public void Double(double value)
    {
        var target = Take(12);
        BinaryPrimitives.WriteInt32BigEndian(target, 8);
        BinaryPrimitives.WriteDoubleBigEndian(target[4..], value);
    }

    /// <summary>A `uuid`.</summary>
    public void Uuid(Guid value)
    {
        var target = Take(20);
        BinaryPrimitives.WriteInt32BigEndian(target, 16);
        value.TryWriteBytes(target[4..], bigEndian: true, out _);
    }

    /// <summary>A `bytea`.</summary>
    public void Bytes(ReadOnlySpan<byte> value)
    {
        var target = Take(4 + value.Length);
        BinaryPrimitives.WriteInt32BigEndian(target, value.Length);
        value.CopyTo(target[4..]);
    }

    /// <summary>Columns that are there in COPY's own form: each its length (4 bytes, big-endian), then its bytes.</summary>
    internal void Columns(ReadOnlySpan<byte> encoded) => encoded.CopyTo(Take(encoded.Length));

    /// <summary>A `text`.</summary>
    public void Text(string value)
    {
        var start = Begin();
        Encode(value);
        End(start);
    }

    /// <summary>A `text` that is there as UTF-8.</summary>
    public void Text(ReadOnlySpan<byte> utf8) => Bytes(utf8);

    /// <summary>A `jsonb`, given as JSON.</summary>
    public void Json(string value)
    {
        var start = Begin();
        Take(1)[0] = 1;
        Encode(value);
        End(start);
    }

    /// <summary>A `numeric`, with the decimal's own number of digits after the point.</summary>
    public void Numeric(decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        var mantissa = new UInt128((uint)parts[2], ((ulong)(uint)parts[1] << 32) | (uint)parts[0]);
        var scale = value.Scale;

        // Groups of four digits count from the point.
        var afterPoint = (scale + 3) / 4;
        for (var missing = (afterPoint * 4) - scale; missing > 0; missing--)
        {
            mantissa *= 10;
        }

        Span<short> groups = stackalloc short[12];
        var count = 0;
        for (; mantissa > 0; mantissa /= NumericGroup)
        {
            groups[count++] = (short)(int)(mantissa % NumericGroup);
        }

        var weight = count - afterPoint - 1;
        var first = 0;
        while (first < count && groups[first] is 0)
        {
            first++;
        }

        var target = Take(4 + 8 + (2 * (count - first)));
        BinaryPrimitives.WriteInt32BigEndian(target, 8 + (2 * (count - first)));
        BinaryPrimitives.WriteInt16BigEndian(target[4..], (short)(count - first));
        BinaryPrimitives.WriteInt16BigEndian(target[6..], (short)(count is 0 ? 0 : weight));
        BinaryPrimitives.WriteInt16BigEndian(target[8..], decimal.IsNegative(value) && count > 0 ? (short)0x4000 : (short)0);
        BinaryPrimitives.WriteInt16BigEndian(target[10..], scale);
        for (var index = 0; index < count - first; index++)
        {
            BinaryPrimitives.WriteInt16BigEndian(target[(12 + (2 * index))..], groups[count - 1 - index]);
        }
    }

    /// <summary>A `text[]`.</summary>
    public void TextArray(ReadOnlySpan<string> values)
    {
        const int TextOid = 25;
        var start = Begin();
        BinaryPrimitives.WriteInt32BigEndian(Take(4), values.Length is 0 ? 0 : 1);
        BinaryPrimitives.WriteInt32BigEndian(Take(4), 0);
        BinaryPrimitives.WriteInt32BigEndian(Take(4), TextOid);
        if (values.Length > 0)
        {
            BinaryPrimitives.WriteInt32BigEndian(Take(4), values.Length);
            BinaryPrimitives.WriteInt32BigEndian(Take(4), 1);
        }

        foreach (var value in values)
        {
            Text(value);
        }

        End(start);
    }

    /// <summary>A `tsvector` of lexemes without positions, each once, none empty, none with a NUL.</summary>
    public void Lexemes(IReadOnlyCollection<string> values)
    {
        var start = Begin();
        BinaryPrimitives.WriteInt32BigEndian(Take(4), values.Count);
        foreach (var value in values)
        {
            // A text that ends with NUL, then the number of positions.
            Encode(value);
            Take(3).Clear();
        }

        End(start);
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        // Personal values do not wait in the pool for whoever comes next.
        blocks.ForEach(static block => ArrayPool<byte>.Shared.Return(block, clearArray: true));
        blocks.Clear();
        ArrayPool<byte>.Shared.Return(bytes, clearArray: true);
        (bytes, isEnded) = ([], true);
    }

    /// <summary>Everything in pieces, to be sent as they are. No row may be added afterwards.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> End()
    {
        if (!isEnded)
        {
            BinaryPrimitives.WriteInt16BigEndian(Take(2), -1);
            Keep();
            isEnded = true;
        }

        return blocks.Select((block, index) => (ReadOnlyMemory<byte>)block.AsMemory(0, index == blocks.Count - 1 ? used : BlockBytes));
    }

    private void Keep()
    {
        var rest = bytes.AsSpan(0, length);
        while (!rest.IsEmpty)
        {
            if (used == BlockBytes)
            {
                blocks.Add(ArrayPool<byte>.Shared.Rent(BlockBytes));
                used = 0;
            }

            var fitting = Math.Min(rest.Length, BlockBytes - used);
            rest[..fitting].CopyTo(blocks[^1].AsSpan(used));
            used += fitting;
            rest = rest[fitting..];
        }

        length = 0;
    }

    private int Begin()
    {
        Take(4);
        return length;
    }

    private void End(int start) => BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(start - 4), length - start);

    private void Encode(string value)
    {
        Reserve(value.Length * 3);
        length += Encoding.UTF8.GetBytes(value, bytes.AsSpan(length));
    }

    private Span<byte> Take(int count)
    {
        Reserve(count);
        length += count;
        return bytes.AsSpan(length - count, count);
    }

    private void Reserve(int count)
    {
        if (bytes.Length - length < count)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(bytes.Length * 2, length + count));
            bytes.AsSpan(0, length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(bytes, clearArray: true);
            bytes = larger;
        }
    }
}
