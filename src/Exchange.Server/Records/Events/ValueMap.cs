using System.Globalization;
using Exchange.Catalog.Records;
using Exchange.Policy.Conditions;
using Google.Protobuf.WellKnownTypes;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Records.Events;

/// <summary>Turns `exchange.v1.Value` into field values and back.</summary>
internal static class ValueMap
{
    private const long MicrosecondsPerSecond = 1_000_000;

    // 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z, in seconds since 1970.
    private const long FirstSecond = -62_135_596_800;
    private const long LastSecond = 253_402_300_799;

    /// <summary>A pushed value. Whether it is of the field's type and within its bounds, the record rules say.</summary>
    public static PushedValue ToPushed(Proto.Value value) => (value.KindCase, value.SourceCode, value.CodeSystem) switch
    {
        (_, "", "") => OfKind(value),
        (Proto.Value.KindOneofCase.None or Proto.Value.KindOneofCase.Code, { Length: > 0 } code, { Length: > 0 } system) =>
            PushedValue.Of(FieldValue.Code(new SourcedCode(value.Code, system, code))),
        _ => PushedValue.Malformed(ValueComplaint.HalfSourced),
    };

    /// <summary>A pushed TIMESTAMP.</summary>
    public static PushedValue ReadTimestamp(long seconds, int nanos) =>
        seconds is >= FirstSecond and <= LastSecond && nanos is >= 0 and <= 999_999_999
            ? PushedValue.Of(FieldValue.Timestamp(Microseconds(seconds, nanos)))
            : PushedValue.Malformed(ValueComplaint.OutsideCalendar);

    /// <summary>A pushed POINT.</summary>
    public static PushedValue ReadPoint(double latitude, double longitude) =>
        double.IsFinite(latitude) && double.IsFinite(longitude)
            ? PushedValue.Of(FieldValue.Point(latitude, longitude))
            : PushedValue.Malformed(ValueComplaint.NotOnEarth);

    /// <summary>A stored value, of whatever type it says.</summary>
    public static FieldValue FromStored(Proto.Value? value) => value?.KindCase switch
    {
        null or Proto.Value.KindOneofCase.None or Proto.Value.KindOneofCase.Clear => default,
        Proto.Value.KindOneofCase.Text => FieldValue.Text(value.Text),
        Proto.Value.KindOneofCase.Code => value.SourceCode.Length is 0 ? FieldValue.Code(value.Code) : FieldValue.Code(new SourcedCode(value.Code, value.CodeSystem, value.SourceCode)),
        Proto.Value.KindOneofCase.Integer => FieldValue.Integer(value.Integer),
        Proto.Value.KindOneofCase.Decimal => FieldValue.Decimal(decimal.Parse(value.Decimal, CultureInfo.InvariantCulture)),
        Proto.Value.KindOneofCase.Boolean => FieldValue.Boolean(value.Boolean),
        Proto.Value.KindOneofCase.Date => FieldValue.Date(value.Date),
        Proto.Value.KindOneofCase.Timestamp => FieldValue.Timestamp(Microseconds(value.Timestamp.Seconds, value.Timestamp.Nanos)),
        Proto.Value.KindOneofCase.TextList => FieldValue.TextList([.. value.TextList.Values]),
        Proto.Value.KindOneofCase.Point => FieldValue.Point(value.Point.Latitude, value.Point.Longitude),
        _ => throw new System.Diagnostics.UnreachableException($"kind {value.KindCase}"),
    };

    /// <summary>A value as a message; a missing one as a value with no kind set.</summary>
    public static Proto.Value ToProto(in FieldValue value) => value.Type switch
    {
        FieldType.Unspecified => new Proto.Value(),
        FieldType.Text => new Proto.Value { Text = value.AsText },
        FieldType.Code when value.Sourced is { } sourced => new Proto.Value { Code = sourced.Code, SourceCode = sourced.SourceCode, CodeSystem = sourced.CodeSystem },
        FieldType.Code => new Proto.Value { Code = value.AsText },
        FieldType.Integer => new Proto.Value { Integer = value.AsInteger },
        FieldType.Decimal => new Proto.Value { Decimal = value.AsDecimal.ToString(CultureInfo.InvariantCulture) },
        FieldType.Boolean => new Proto.Value { Boolean = value.AsBoolean },
        FieldType.Date => new Proto.Value { Date = value.AsDate },
        FieldType.Timestamp => new Proto.Value { Timestamp = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch.AddTicks(value.AsTimestamp * 10)) },
        FieldType.TextList => new Proto.Value { TextList = new Proto.TextList { Values = { value.AsTextList } } },
        FieldType.Point => new Proto.Value { Point = new Proto.Point { Latitude = value.AsPoint.Latitude, Longitude = value.AsPoint.Longitude } },
        _ => throw new System.Diagnostics.UnreachableException($"field type {value.Type}"),
    };

    /// <summary>A pushed DECIMAL.</summary>
    public static PushedValue ReadDecimal(string text)
    {
        const NumberStyles Plain = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        if (!IsPlain(text))
        {
            return PushedValue.Malformed(ValueComplaint.NotDecimal);
        }

        // More than 28 digits would be rounded silently.
        var digits = text.AsSpan().TrimStart("+-0.");
        return digits.Length - digits.Count('.') <= 28 && FractionDigits(text) <= 28
            && decimal.TryParse(text, Plain, CultureInfo.InvariantCulture, out var number)
                ? PushedValue.Of(FieldValue.Decimal(number))
                : PushedValue.Malformed(ValueComplaint.TooManyDigits);
    }

    private static PushedValue OfKind(Proto.Value value) => value.KindCase switch
    {
        Proto.Value.KindOneofCase.None => PushedValue.NotSent,
        Proto.Value.KindOneofCase.Clear => value.Clear ? PushedValue.Clear : PushedValue.NotSent,
        Proto.Value.KindOneofCase.Text => PushedValue.Of(FieldValue.Text(value.Text)),
        Proto.Value.KindOneofCase.Code => PushedValue.Of(FieldValue.Code(value.Code)),
        Proto.Value.KindOneofCase.Integer => PushedValue.Of(FieldValue.Integer(value.Integer)),
        Proto.Value.KindOneofCase.Decimal => ReadDecimal(value.Decimal),
        Proto.Value.KindOneofCase.Boolean => PushedValue.Of(FieldValue.Boolean(value.Boolean)),
        Proto.Value.KindOneofCase.Date => PushedValue.Of(FieldValue.Date(value.Date)),
        Proto.Value.KindOneofCase.Timestamp => ReadTimestamp(value.Timestamp.Seconds, value.Timestamp.Nanos),
        Proto.Value.KindOneofCase.TextList => PushedValue.Of(FieldValue.TextList([.. value.TextList.Values])),
        Proto.Value.KindOneofCase.Point => ReadPoint(value.Point.Latitude, value.Point.Longitude),
        _ => throw new System.Diagnostics.UnreachableException($"kind {value.KindCase}"),
    };

    // [+-] digits [. digits]
    private static bool IsPlain(string text)
    {
        var digits = text.AsSpan(text.StartsWith('-') || text.StartsWith('+') ? 1 : 0);
        var point = digits.IndexOf('.');
        var whole = point < 0 ? digits : digits[..point];
        var rest = point < 0 ? "0" : digits[(point + 1)..];
        return !whole.IsEmpty && !rest.IsEmpty && !whole.ContainsAnyExceptInRange('0', '9') && !rest.ContainsAnyExceptInRange('0', '9');
    }

    private static int FractionDigits(string text) => text.IndexOf('.', StringComparison.Ordinal) is var point and >= 0 ? text.Length - point - 1 : 0;

    private static long Microseconds(long seconds, int nanos) => seconds * MicrosecondsPerSecond + nanos / 1000;
}
