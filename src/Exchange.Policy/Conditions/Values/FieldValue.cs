using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Exchange.Policy.Conditions;

/// <summary>
/// One value of one field, 32 bytes, never boxed. The default is missing. Equality is by type and value: texts by their
/// code units, decimals by number (1.0 equals 1.00), lists item by item, codes with what their sources have for them. A text may stand
/// as UTF-8 in a buffer that is lent to it: such a value must not outlive the lending.
/// </summary>
public readonly struct FieldValue : IEquatable<FieldValue>
{
    private readonly object? _reference;
    private readonly long _low;
    private readonly long _high;
    private readonly FieldType _type;

    private FieldValue(FieldType type, object? reference, long low = 0, long high = 0)
    {
        _type = type;
        _reference = reference;
        _low = low;
        _high = high;
    }

    /// <summary>The missing value, equal only to itself.</summary>
    public static FieldValue Missing => default;

    /// <summary>Its type; <see cref="FieldType.Unspecified"/> when missing.</summary>
    public FieldType Type => _type;

    /// <summary>True when there is no value.</summary>
    public bool IsMissing => _type is FieldType.Unspecified;

    /// <summary>The text of a TEXT or CODE value; made at each call when it stands as UTF-8.</summary>
    public string AsText => _reference switch
    {
        string text => text,
        SourcedCode sourced => sourced.Code,
        byte[] lent => Encoding.UTF8.GetString(Lent(lent)),
        _ => throw Mismatch(FieldType.Text),
    };

    /// <summary>True for a TEXT or CODE value without a character.</summary>
    public bool IsEmptyText => _reference is byte[] ? _high is 0 : _reference is "" or SourcedCode { Code: "" };

    /// <summary>The source's code beside a CODE value; null when none stands there.</summary>
    public SourcedCode? Sourced => _reference as SourcedCode;

    /// <summary>The number of an INTEGER value.</summary>
    public long AsInteger => _type is FieldType.Integer ? _low : throw Mismatch(FieldType.Integer);

    /// <summary>The number of a DECIMAL value.</summary>
    public decimal AsDecimal => _type is FieldType.Decimal
        ? Unsafe.BitCast<(long, long), decimal>((_low, _high))
        : throw Mismatch(FieldType.Decimal);

    /// <summary>The truth of a BOOLEAN value.</summary>
    public bool AsBoolean => _type is FieldType.Boolean ? _low is not 0 : throw Mismatch(FieldType.Boolean);

    /// <summary>The days since 1970-01-01 of a DATE value.</summary>
    public int AsDate => _type is FieldType.Date ? (int)_low : throw Mismatch(FieldType.Date);

    /// <summary>The microseconds since 1970-01-01T00:00:00Z of a TIMESTAMP value.</summary>
    public long AsTimestamp => _type is FieldType.Timestamp ? _low : throw Mismatch(FieldType.Timestamp);

    /// <summary>The items of a TEXT_LIST value; not to be changed.</summary>
    public string[] AsTextList => _reference as string[] ?? throw Mismatch(FieldType.TextList);

    /// <summary>The degrees of a POINT value.</summary>
    public (double Latitude, double Longitude) AsPoint => _type is FieldType.Point
        ? (BitConverter.Int64BitsToDouble(_low), BitConverter.Int64BitsToDouble(_high))
        : throw Mismatch(FieldType.Point);

    /// <summary>Makes a TEXT value.</summary>
    public static FieldValue Text(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new(FieldType.Text, value);
    }

    /// <summary>Makes a TEXT value of valid UTF-8 in a buffer that keeps it as long as the value is used.</summary>
    public static FieldValue LentText(byte[] buffer, int start, int length)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        _ = buffer.AsSpan(start, length);
        return new(FieldType.Text, buffer, start, length);
    }

    /// <summary>Makes a CODE value.</summary>
    public static FieldValue Code(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new(FieldType.Code, value);
    }

    /// <summary>Makes a CODE value with what its source has for it.</summary>
    public static FieldValue Code(SourcedCode value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new(FieldType.Code, value);
    }

    /// <summary>Makes an INTEGER value.</summary>
    public static FieldValue Integer(long value) => new(FieldType.Integer, null, value);

    /// <summary>Makes a DECIMAL value.</summary>
    public static FieldValue Decimal(decimal value)
    {
        var (low, high) = Unsafe.BitCast<decimal, (long, long)>(value);
        return new(FieldType.Decimal, null, low, high);
    }

    /// <summary>Makes a BOOLEAN value.</summary>
    public static FieldValue Boolean(bool value) => new(FieldType.Boolean, null, value ? 1 : 0);

    /// <summary>Makes a DATE value from days since 1970-01-01.</summary>
    public static FieldValue Date(int daysSinceEpoch) => new(FieldType.Date, null, daysSinceEpoch);

    /// <summary>Makes a TIMESTAMP value from microseconds since 1970-01-01T00:00:00Z.</summary>
    public static FieldValue Timestamp(long microsecondsSinceEpoch) => new(FieldType.Timestamp, null, microsecondsSinceEpoch);

    /// <summary>Makes a TEXT_LIST value. The array is kept, not copied: the caller gives it away.</summary>
    public static FieldValue TextList(string[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new(FieldType.TextList, values);
    }

    /// <summary>Makes a POINT value from finite degrees.</summary>
    public static FieldValue Point(double latitude, double longitude)
    {
        if (!double.IsFinite(latitude) || !double.IsFinite(longitude))
        {
            throw new ArgumentException("a point has finite degrees");
        }

        // Adding zero turns -0.0 into 0.0, so that equal points are equal bit by bit.
        return new(FieldType.Point, null, BitConverter.DoubleToInt64Bits(latitude + 0.0), BitConverter.DoubleToInt64Bits(longitude + 0.0));
    }

    /// <summary>True when the text stands as UTF-8; false when it has to be asked for with <see cref="AsText"/>.</summary>
    public bool TryGetUtf8(out ReadOnlySpan<byte> text)
    {
        text = _reference is byte[] lent ? Lent(lent) : default;
        return _reference is byte[];
    }

    /// <summary>Compares by type and value.</summary>
    public static bool operator ==(in FieldValue left, in FieldValue right) => left.Equals(right);

    /// <summary>Compares by type and value.</summary>
    public static bool operator !=(in FieldValue left, in FieldValue right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(FieldValue other)
    {
        if (_type != other._type)
        {
            return false;
        }

        return _type switch
        {
            FieldType.Text or FieldType.Code => TextEquals(other),
            FieldType.Decimal => AsDecimal == other.AsDecimal,
            FieldType.TextList => AsTextList.AsSpan().SequenceEqual(other.AsTextList),
            _ => _low == other._low && _high == other._high,
        };
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is FieldValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _type switch
    {
        FieldType.Text or FieldType.Code => HashCode.Combine(_type, AsText),
        FieldType.Decimal => HashCode.Combine(_type, AsDecimal),
        FieldType.TextList => HashCode.Combine(_type, AsTextList.Length, AsTextList is [var first, ..] ? first : null),
        _ => HashCode.Combine(_type, _low, _high),
    };

    /// <summary>The type only: a value may be personal and must not reach a log by accident.</summary>
    public override string ToString() => IsMissing ? "missing" : string.Create(CultureInfo.InvariantCulture, $"{_type} value");

    private ReadOnlySpan<byte> Lent(byte[] buffer) => buffer.AsSpan((int)_low, (int)_high);

    private bool TextEquals(in FieldValue other)
    {
        if (_reference is string text && other._reference is string otherText)
        {
            return string.Equals(text, otherText, StringComparison.Ordinal);
        }

        if (Sourced is not null || other.Sourced is not null)
        {
            return Equals(Sourced, other.Sourced);
        }

        if (TryGetUtf8(out var utf8) && other.TryGetUtf8(out var otherUtf8))
        {
            return utf8.SequenceEqual(otherUtf8);
        }

        var (lent, made) = _reference is string ? (other, this) : (this, other);
        return lent._high == Encoding.UTF8.GetByteCount(made.AsText) && string.Equals(lent.AsText, made.AsText, StringComparison.Ordinal);
    }

    private InvalidOperationException Mismatch(FieldType wanted) => new($"a value of type {_type} was read as {wanted}");
}
