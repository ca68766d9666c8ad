using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;

namespace Exchange.Server.Records.Events;

/// <summary>
/// Reads protobuf's wire format in its canonical form only, the one that generated code writes: fields in ascending order, numbers no longer than they
/// need to be, valid UTF-8. Whatever else it meets makes it <see cref="IsOdd"/>, and from then on there is nothing more to read.
/// </summary>
internal ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private const int LongestVarint = 10;
    private const int Fixed32 = 5;

    private readonly ReadOnlySpan<byte> bytes = bytes;
    private int at;
    private uint last;

    /// <summary>True once something was not canonical; what was read then means nothing.</summary>
    public bool IsOdd { get; private set; }

    /// <summary>True when everything was read.</summary>
    public readonly bool AtEnd => at == bytes.Length;

    /// <summary>All of the bytes.</summary>
    public readonly ReadOnlySpan<byte> Bytes => bytes;

    /// <summary>Bytes read so far.</summary>
    public readonly int Position => at;

    /// <summary>True when a field is left; then its tag. The same field may come again: whether it may is the reader's to say.</summary>
    public bool Next(out uint tag)
    {
        tag = 0;
        if (IsOdd || at == bytes.Length)
        {
            return false;
        }

        var read = Unsigned();
        tag = (uint)read;
        if (read is 0 or > uint.MaxValue || tag >> 3 < last >> 3)
        {
            return Odd();
        }

        last = tag;
        return true;
    }

    /// <summary>Goes on behind fields that were read from <see cref="Bytes"/>; their tag is the last one that was read here.</summary>
    public void GoTo(int position) => at = position;

    /// <summary>Says that what was read is not what generated code writes.</summary>
    public bool Odd()
    {
        (IsOdd, at) = (true, bytes.Length);
        return false;
    }

    /// <summary>A varint.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Unsigned() => (uint)at < (uint)bytes.Length && bytes[at] < 0x80 ? bytes[at++] : LongUnsigned();

    /// <summary>A `sint64`.</summary>
    public long Signed()
    {
        var value = Unsigned();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <summary>A `bool`.</summary>
    public bool Boolean()
    {
        var value = Unsigned();
        return value is 1 || (value is not 0 && Odd());
    }

    /// <summary>Eight bytes of a double.</summary>
    public double Double()
    {
        if (bytes.Length - at < sizeof(double))
        {
            Odd();
            return 0;
        }

        at += sizeof(double);
        return BinaryPrimitives.ReadDoubleLittleEndian(bytes[(at - sizeof(double))..]);
    }

    /// <summary>What brings its length.</summary>
    public ReadOnlySpan<byte> Delimited()
    {
        var length = Unsigned();
        if (length > (ulong)(bytes.Length - at))
        {
            Odd();
            return [];
        }

        at += (int)length;
        return bytes.Slice(at - (int)length, (int)length);
    }

    /// <summary>A text.</summary>
    public string Text() => Encoding.UTF8.GetString(Utf8Text());

    /// <summary>The bytes of a text.</summary>
    public ReadOnlySpan<byte> Utf8Text()
    {
        var text = Delimited();
        return Utf8.IsValid(text) || Odd() ? text : [];
    }

    /// <summary>Goes beyond a field that the reader does not know, as generated code does.</summary>
    public void Skip(uint tag)
    {
        switch (tag & 7)
        {
            case WireBuffer.Varint:
                Unsigned();
                break;
            case WireBuffer.Fixed64:
                Double();
                break;
            case WireBuffer.Delimited:
                Delimited();
                break;
            case Fixed32 when bytes.Length - at >= sizeof(uint):
                at += sizeof(uint);
                break;
            default:
                Odd();
                break;
        }
    }

    private ulong LongUnsigned()
    {
        var rest = bytes[at..];
        ulong value = 0;
        for (var index = 0; index < rest.Length && index < LongestVarint; index++)
        {
            var part = rest[index];
            value |= (ulong)(part & 0x7f) << (7 * index);
            if (part < 0x80)
            {
                // A last part of 0 adds nothing; a tenth one has room for one bit.
                if ((part is 0 && index > 0) || (index is LongestVarint - 1 && part > 1))
                {
                    break;
                }

                at += index + 1;
                return value;
            }
        }

        Odd();
        return 0;
    }
}
