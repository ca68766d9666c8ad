using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace Exchange.Server.Records.Events;

/// <summary>
/// Protobuf's wire format written by hand into one growing buffer, for the places where a message object per value would cost more than the
/// value. Not for concurrent use.
/// </summary>
internal sealed class WireBuffer(int capacity = 4096) : IBufferWriter<byte>
{
    /// <summary>Wire type of varints.</summary>
    public const int Varint = 0;

    /// <summary>Wire type of 8 bytes.</summary>
    public const int Fixed64 = 1;

    /// <summary>Wire type of what brings its length.</summary>
    public const int Delimited = 2;

    private byte[] bytes = new byte[capacity];

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>Bytes it holds without growing.</summary>
    public int Capacity => bytes.Length;

    /// <summary>What was written. Valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => bytes.AsSpan(0, Length);

    /// <summary>What was written. Its bytes stay when the buffer grows, and are written over after <see cref="Clear"/>.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => bytes.AsMemory(0, Length);

    /// <summary>Forgets what was written and keeps the memory.</summary>
    public void Clear() => Length = 0;

    /// <summary>A part of what was written. Its bytes stay when the buffer grows.</summary>
    public ReadOnlyMemory<byte> Slice(int start) => bytes.AsMemory(start, Length - start);

    /// <summary>Takes back what was written after that length.</summary>
    public void Truncate(int length) => Length = length;

    /// <inheritdoc/>
    public void Advance(int count) => Length += count;

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return bytes.AsMemory(Length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return bytes.AsSpan(Length);
    }

    /// <summary>A field's tag.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Tag(int number, int wireType) => Unsigned((uint)((number << 3) | wireType));

    /// <summary>A varint.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Unsigned(ulong value)
    {
        // Tags and most lengths are of one byte.
        var target = bytes;
        var length = Length;
        if (value < 0x80 && (uint)length < (uint)target.Length)
        {
            target[length] = (byte)value;
            Length = length + 1;
        }
        else
        {
            Reserve(10);
            Put(value);
        }
    }

    /// <summary>A `sint64` or `sint32`.</summary>
    public void Signed(long value) => Unsigned(ZigZag(value));

    /// <summary>Eight bytes of a double.</summary>
    public void Double(double value)
    {
        Reserve(8);
        BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(Length), value);
        Length += 8;
    }

    /// <summary>Bytes as they are.</summary>
    public void Raw(ReadOnlySpan<byte> value)
    {
        Reserve(value.Length);
        value.CopyTo(bytes.AsSpan(Length));
        Length += value.Length;
    }

    /// <summary>Length and UTF-8 of a text.</summary>
    public void Text(string value)
    {
        // Up to 42 units cannot have more than 127 bytes, so that the length's place is known before the text is encoded.
        if (value.Length <= 42)
        {
            Reserve(value.Length * 3 + 1);
            var written = Encoding.UTF8.GetBytes(value, bytes.AsSpan(Length + 1));
            bytes[Length] = (byte)written;
            Length += written + 1;
            return;
        }

        var count = Encoding.UTF8.GetByteCount(value);
        Unsigned((ulong)count);
        Reserve(count);
        Length += Encoding.UTF8.GetBytes(value, bytes.AsSpan(Length));
    }

    /// <summary>A `string` field that is not written when empty.</summary>
    public void TextField(int number, string value)
    {
        if (value.Length > 0)
        {
            Tag(number, Delimited);
            Text(value);
        }
    }

    /// <summary>A `bytes` field that is not written when empty.</summary>
    public void BytesField(int number, ReadOnlySpan<byte> value)
    {
        if (value.Length > 0)
        {
            DelimitedField(number, value);
        }
    }

    /// <summary>A field that brings its length, also when empty.</summary>
    public void DelimitedField(int number, ReadOnlySpan<byte> value)
    {
        // Tag and length of one byte each, as most are.
        if (number < 16 && value.Length < 0x80)
        {
            Reserve(value.Length + 2);
            var target = bytes.AsSpan(Length, value.Length + 2);
            target[0] = (byte)((number << 3) | Delimited);
            target[1] = (byte)value.Length;
            value.CopyTo(target[2..]);
            Length += value.Length + 2;
            return;
        }

        Tag(number, Delimited);
        Unsigned((ulong)value.Length);
        Raw(value);
    }

    /// <summary>Begins a message whose length is not known yet; end it with <see cref="EndMessage"/>.</summary>
    public int BeginMessage(int number)
    {
        Tag(number, Delimited);
        return BeginLength();
    }

    /// <summary>As <see cref="BeginMessage"/>, after the message's tag.</summary>
    public int BeginLength()
    {
        Reserve(1);
        return ++Length;
    }

    /// <summary>Writes the length of the message begun there. Messages of 128 bytes and more are moved by what their length needs.</summary>
    public void EndMessage(int start)
    {
        var length = Length - start;
        var more = SizeOf((ulong)length) - 1;
        if (more > 0)
        {
            Reserve(more);
            bytes.AsSpan(start, length).CopyTo(bytes.AsSpan(start + more));
        }

        // There is room, and what stands behind must not be left by growing.
        Length = start - 1;
        Put((ulong)length);
        Length += length;
    }

    /// <summary>Bytes a varint takes.</summary>
    public static int SizeOf(ulong value) => (int)((uint)(64 - System.Numerics.BitOperations.LeadingZeroCount(value | 1) + 6) / 7);

    /// <summary>Small numbers of either sign as small unsigned ones.</summary>
    public static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    private void Put(ulong value)
    {
        var target = bytes;
        var at = Length;
        while (value >= 0x80)
        {
            target[at++] = (byte)(value | 0x80);
            value >>= 7;
        }

        target[at++] = (byte)value;
        Length = at;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Reserve(int count)
    {
        if (bytes.Length - Length < count)
        {
            Grow(count);
        }
    }

    // Not Array.Resize of a pooled array: slices given away must keep their bytes.
    private void Grow(int count)
    {
        var larger = new byte[Math.Max(bytes.Length * 2, Length + count)];
        bytes.AsSpan(0, Length).CopyTo(larger);
        bytes = larger;
    }
}
