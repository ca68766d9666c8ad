using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace Exchange.Clients.Hub;

/// <summary>Protobuf's wire format, read from one piece of memory. What is cut off or malformed is told, never thrown.</summary>
internal ref struct WireSpan(ReadOnlySpan<byte> bytes)
{
    /// <summary>Wire type of varints.</summary>
    public const uint Varint = 0;

    /// <summary>Wire type of 8 bytes.</summary>
    public const uint Fixed64 = 1;

    /// <summary>Wire type of what brings its length.</summary>
    public const uint Delimited = 2;

    private const int LongestVarint = 10;

    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>True when everything was read.</summary>
    public readonly bool IsEnd => _rest.IsEmpty;

    /// <summary>Reads a varint; a tag is one too.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryVarint(out ulong value)
    {
        if (!_rest.IsEmpty && _rest[0] < 0x80)
        {
            value = _rest[0];
            _rest = _rest[1..];
            return true;
        }

        return TryLongVarint(out value);
    }

    /// <summary>Reads a `sint64`.</summary>
    public bool TrySigned(out long value)
    {
        var isRead = TryVarint(out var number);
        value = (long)(number >> 1) ^ -(long)(number & 1);
        return isRead;
    }

    /// <summary>Reads a `sint32`: the lower 32 bits of its varint.</summary>
    public bool TrySigned(out int value)
    {
        var isRead = TryVarint(out var number);
        value = (int)((uint)number >> 1) ^ -(int)(number & 1);
        return isRead;
    }

    /// <summary>Reads what brings its length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryDelimited(out ReadOnlySpan<byte> part)
    {
        // A length of one byte, as most are.
        var rest = _rest;
        if (!rest.IsEmpty && rest[0] < 0x80 && rest[0] < rest.Length)
        {
            part = rest.Slice(1, rest[0]);
            _rest = rest[(1 + rest[0])..];
            return true;
        }

        return TryLongDelimited(out part);
    }

    /// <summary>Reads a field of that tag which brings its length, when there is nothing but it.</summary>
    public bool TryOnly(uint tag, out ReadOnlySpan<byte> part)
    {
        part = default;
        return TryVarint(out var read) && read == tag && TryDelimited(out part) && IsEnd;
    }

    /// <summary>Reads a text.</summary>
    public bool TryText(out string text)
    {
        var isRead = TryDelimited(out var part);
        text = Encoding.UTF8.GetString(part);
        return isRead;
    }

    /// <summary>Reads a double.</summary>
    public bool TryDouble(out double value)
    {
        if (!BinaryPrimitives.TryReadDoubleLittleEndian(_rest, out value))
        {
            return false;
        }

        _rest = _rest[sizeof(double)..];
        return true;
    }

    private bool TryLongDelimited(out ReadOnlySpan<byte> part)
    {
        if (!TryVarint(out var length) || length > (ulong)_rest.Length)
        {
            part = default;
            return false;
        }

        part = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return true;
    }

    private bool TryLongVarint(out ulong value)
    {
        value = 0;
        var rest = _rest.Length > LongestVarint ? _rest[..LongestVarint] : _rest;
        for (var index = 0; index < rest.Length; index++)
        {
            value |= (ulong)(rest[index] & 0x7f) << (7 * index);
            if (rest[index] < 0x80)
            {
                _rest = _rest[(index + 1)..];
                return true;
            }
        }

        return false;
    }
}
