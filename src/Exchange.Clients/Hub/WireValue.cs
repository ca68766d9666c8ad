using Exchange.Protos.V1;
using Timestamp = Google.Protobuf.WellKnownTypes.Timestamp;

namespace Exchange.Clients.Hub;

/// <summary>
/// Reads values and times as the messages that the generated code makes of the same bytes. Whatever is not as hubs write it, also what a later hub may
/// add, is told by null: then the generated code reads the whole message.
/// </summary>
internal static class WireValue
{
    private const uint Text = (Value.TextFieldNumber << 3) | WireSpan.Delimited;
    private const uint Integer = (Value.IntegerFieldNumber << 3) | WireSpan.Varint;
    private const uint Decimal = (Value.DecimalFieldNumber << 3) | WireSpan.Delimited;
    private const uint Boolean = (Value.BooleanFieldNumber << 3) | WireSpan.Varint;
    private const uint Date = (Value.DateFieldNumber << 3) | WireSpan.Varint;
    private const uint Time = (Value.TimestampFieldNumber << 3) | WireSpan.Delimited;
    private const uint Code = (Value.CodeFieldNumber << 3) | WireSpan.Delimited;
    private const uint SourceCode = (Value.SourceCodeFieldNumber << 3) | WireSpan.Delimited;
    private const uint CodeSystem = (Value.CodeSystemFieldNumber << 3) | WireSpan.Delimited;
    private const uint TextItems = (Value.TextListFieldNumber << 3) | WireSpan.Delimited;
    private const uint Place = (Value.PointFieldNumber << 3) | WireSpan.Delimited;
    private const uint Seconds = (Timestamp.SecondsFieldNumber << 3) | WireSpan.Varint;
    private const uint Nanos = (Timestamp.NanosFieldNumber << 3) | WireSpan.Varint;
    private const uint Item = (TextList.ValuesFieldNumber << 3) | WireSpan.Delimited;
    private const uint Latitude = (Point.LatitudeFieldNumber << 3) | WireSpan.Fixed64;
    private const uint Longitude = (Point.LongitudeFieldNumber << 3) | WireSpan.Fixed64;

    /// <summary>The value whose inside this is.</summary>
    public static Value? TryRead(ReadOnlySpan<byte> bytes)
    {
        var value = new Value();
        if (bytes.IsEmpty)
        {
            return value;
        }

        var wire = new WireSpan(bytes);
        if (!wire.TryVarint(out var tag))
        {
            return null;
        }

        switch (tag)
        {
            case Text when wire.TryText(out var text):
                value.Text = text;
                break;
            case Code when wire.TryText(out var code):
                value.Code = code;
                if (!wire.IsEnd && !TryReadSource(ref wire, value))
                {
                    return null;
                }

                break;
            case Decimal when wire.TryText(out var digits):
                value.Decimal = digits;
                break;
            case Integer when wire.TrySigned(out long number):
                value.Integer = number;
                break;
            case Boolean when wire.TryVarint(out var truth):
                value.Boolean = truth is not 0;
                break;
            case Date when wire.TrySigned(out int days):
                value.Date = days;
                break;
            case Time when wire.TryDelimited(out var part) && TryReadTime(part) is { } time:
                value.Timestamp = time;
                break;
            case TextItems when wire.TryDelimited(out var part) && TryReadTexts(part) is { } texts:
                value.TextList = texts;
                break;
            case Place when wire.TryDelimited(out var part) && TryReadPoint(part) is { } point:
                value.Point = point;
                break;
            default:
                return null;
        }

        // A second kind would take the first one's place.
        return wire.IsEnd ? value : null;
    }

    /// <summary>The time whose inside this is.</summary>
    public static Timestamp? TryReadTime(ReadOnlySpan<byte> bytes)
    {
        var time = new Timestamp();
        var wire = new WireSpan(bytes);
        while (!wire.IsEnd)
        {
            if (!wire.TryVarint(out var tag) || !wire.TryVarint(out var number))
            {
                return null;
            }

            switch (tag)
            {
                case Seconds:
                    time.Seconds = (long)number;
                    break;
                case Nanos:
                    time.Nanos = (int)number;
                    break;
                default:
                    return null;
            }
        }

        return time;
    }

    private static bool TryReadSource(ref WireSpan wire, Value value)
    {
        if (!wire.TryVarint(out var tag) || tag is not SourceCode || !wire.TryText(out var code)
            || !wire.TryVarint(out tag) || tag is not CodeSystem || !wire.TryText(out var system))
        {
            return false;
        }

        (value.SourceCode, value.CodeSystem) = (code, system);
        return true;
    }

    private static TextList? TryReadTexts(ReadOnlySpan<byte> bytes)
    {
        var list = new TextList();
        var wire = new WireSpan(bytes);
        while (!wire.IsEnd)
        {
            if (!wire.TryVarint(out var tag) || tag is not Item || !wire.TryText(out var text))
            {
                return null;
            }

            list.Values.Add(text);
        }

        return list;
    }

    private static Point? TryReadPoint(ReadOnlySpan<byte> bytes)
    {
        var point = new Point();
        var wire = new WireSpan(bytes);
        while (!wire.IsEnd)
        {
            if (!wire.TryVarint(out var tag) || !wire.TryDouble(out var degrees))
            {
                return null;
            }

            switch (tag)
            {
                case Latitude:
                    point.Latitude = degrees;
                    break;
                case Longitude:
                    point.Longitude = degrees;
                    break;
                default:
                    return null;
            }
        }

        return point;
    }
}
