using System.Diagnostics;
using System.Globalization;
using Exchange.Policy.Conditions;

namespace Exchange.Server.Records.Events;

/// <summary>Writes field values as `exchange.v1.Value`, byte for byte as the generated code would.</summary>
internal static class ValueWire
{
    private const int Text = 2;
    private const int Integer = 3;
    private const int Decimal = 4;
    private const int Boolean = 5;
    private const int Date = 6;
    private const int Timestamp = 7;
    private const int Code = 8;
    private const int TextList = 9;
    private const int Point = 10;
    private const int SourceCode = 11;
    private const int CodeSystem = 12;

    /// <summary>Writes a value as a field of a message; a missing one as a value with no kind set.</summary>
    public static void WriteField(WireBuffer buffer, int number, in FieldValue value)
    {
        var start = buffer.BeginMessage(number);
        Write(buffer, value);
        buffer.EndMessage(start);
    }

    /// <summary>Writes the inside of a value.</summary>
    public static void Write(WireBuffer buffer, in FieldValue value)
    {
        switch (value.Type)
        {
            case FieldType.Unspecified:
                break;
            case FieldType.Text when value.TryGetUtf8(out var utf8):
                buffer.DelimitedField(Text, utf8);
                break;
            case FieldType.Text:
                buffer.Tag(Text, WireBuffer.Delimited);
                buffer.Text(value.AsText);
                break;
            case FieldType.Code:
                buffer.Tag(Code, WireBuffer.Delimited);
                buffer.Text(value.AsText);
                if (value.Sourced is { } sourced)
                {
                    buffer.TextField(SourceCode, sourced.SourceCode);
                    buffer.TextField(CodeSystem, sourced.CodeSystem);
                }

                break;
            case FieldType.Integer:
                buffer.Tag(Integer, WireBuffer.Varint);
                buffer.Signed(value.AsInteger);
                break;
            case FieldType.Decimal:
                WriteDecimal(buffer, value.AsDecimal);
                break;
            case FieldType.Boolean:
                buffer.Tag(Boolean, WireBuffer.Varint);
                buffer.Unsigned(value.AsBoolean ? 1u : 0u);
                break;
            case FieldType.Date:
                buffer.Tag(Date, WireBuffer.Varint);
                buffer.Signed(value.AsDate);
                break;
            case FieldType.Timestamp:
                WriteTimestamp(buffer, Timestamp, value.AsTimestamp);
                break;
            case FieldType.TextList:
                var list = buffer.BeginMessage(TextList);
                foreach (var item in value.AsTextList)
                {
                    buffer.Tag(1, WireBuffer.Delimited);
                    buffer.Text(item);
                }

                buffer.EndMessage(list);
                break;
            case FieldType.Point:
                WritePoint(buffer, value.AsPoint);
                break;
            default:
                throw new UnreachableException($"a value of type {value.Type} has no wire form");
        }
    }

    /// <summary>Writes length and inside of a TEXT or CODE value whose text is there as UTF-8.</summary>
    public static void WriteText(WireBuffer buffer, FieldType type, ReadOnlySpan<byte> text)
    {
        buffer.Unsigned((ulong)(1 + WireBuffer.SizeOf((ulong)text.Length) + text.Length));
        buffer.Tag(type is FieldType.Text ? Text : Code, WireBuffer.Delimited);
        buffer.Unsigned((ulong)text.Length);
        buffer.Raw(text);
    }

    /// <summary>Writes microseconds since 1970 as a field of type `google.protobuf.Timestamp`.</summary>
    public static void WriteTimestamp(WireBuffer buffer, int number, long microseconds)
    {
        var (seconds, rest) = Math.DivRem(microseconds, 1_000_000);
        if (rest < 0)
        {
            (seconds, rest) = (seconds - 1, rest + 1_000_000);
        }

        var start = buffer.BeginMessage(number);
        if (seconds is not 0)
        {
            buffer.Tag(1, WireBuffer.Varint);
            buffer.Unsigned((ulong)seconds);
        }

        if (rest is not 0)
        {
            buffer.Tag(2, WireBuffer.Varint);
            buffer.Unsigned((ulong)rest * 1000);
        }

        buffer.EndMessage(start);
    }

    private static void WriteDecimal(WireBuffer buffer, decimal value)
    {
        buffer.Tag(Decimal, WireBuffer.Delimited);
        Span<byte> digits = stackalloc byte[40];
        value.TryFormat(digits, out var length, default, CultureInfo.InvariantCulture);
        buffer.Unsigned((ulong)length);
        buffer.Raw(digits[..length]);
    }

    private static void WritePoint(WireBuffer buffer, (double Latitude, double Longitude) point)
    {
        var start = buffer.BeginMessage(Point);
        WriteDegrees(buffer, 1, point.Latitude);
        WriteDegrees(buffer, 2, point.Longitude);
        buffer.EndMessage(start);
    }

    // proto3 leaves +0.0 out.
    private static void WriteDegrees(WireBuffer buffer, int number, double degrees)
    {
        if (BitConverter.DoubleToInt64Bits(degrees) is not 0)
        {
            buffer.Tag(number, WireBuffer.Fixed64);
            buffer.Double(degrees);
        }
    }
}
