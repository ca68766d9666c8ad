using System.Globalization;
using Exchange.Policy.Conditions;
using Google.Protobuf.WellKnownTypes;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Records.Events;

/// <summary>Turns `exchange.v1.Value` into field values and back.</summary>
internal static class ValueMap
{
    private const long MicrosecondsPerSecond = 1_000_000;

    // 0001-01-01 and 9999-12-31 in days, 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z in seconds, since 1970.
    private const int FirstDay = -719_162;
    private const int LastDay = 2_932_896;
    private const long FirstSecond = -62_135_596_800;
    private const long LastSecond = 253_402_300_799;

    /// <summary>What came of reading a value.</summary>
    public enum Outcome
    {
        /// <summary>A value of the wanted type; or none was sent.</summary>
        Read,

        /// <summary>The writer removes the value.</summary>
        Clear,

        /// <summary>Another kind than the field's type demands, or a text the database cannot hold.</summary>
        WrongType,

        /// <summary>The right kind outside its range.</summary>
        OutOfRange,
    }

    /// <summary>Reads a pushed value of a field. Not sent: <see cref="Outcome.Read"/> with a missing value.</summary>
    public static Outcome TryRead(Proto.Value value, FieldType type, out FieldValue result)
    {
        result = default;
        switch (value.KindCase)
        {
            case Proto.Value.KindOneofCase.None:
                return Outcome.Read;
            case Proto.Value.KindOneofCase.Clear:
                return value.Clear ? Outcome.Clear : Outcome.Read;
            case Proto.Value.KindOneofCase.Text when type is FieldType.Text && IsStorable(value.Text):
                result = FieldValue.Text(value.Text);
                return Outcome.Read;
            case Proto.Value.KindOneofCase.Code when type is FieldType.Code && IsStorable(value.Code):
                result = FieldValue.Code(value.Code);
                return Outcome.Read;
            case Proto.Value.KindOneofCase.Integer when type is FieldType.Integer:
                result = FieldValue.Integer(value.Integer);
                return Outcome.Read;
            case Proto.Value.KindOneofCase.Boolean when type is FieldType.Boolean:
                result = FieldValue.Boolean(value.Boolean);
                return Outcome.Read;
            case Proto.Value.KindOneofCase.Decimal when type is FieldType.Decimal:
                return ReadDecimal(value.Decimal, ref result);
            case Proto.Value.KindOneofCase.Date when type is FieldType.Date:
                result = FieldValue.Date(value.Date);
                return value.Date is >= FirstDay and <= LastDay ? Outcome.Read : Outcome.OutOfRange;
            case Proto.Value.KindOneofCase.Timestamp when type is FieldType.Timestamp:
                return ReadTimestamp(value.Timestamp, ref result);
            case Proto.Value.KindOneofCase.TextList when type is FieldType.TextList:
                return ReadTextList(value.TextList, ref result);
            case Proto.Value.KindOneofCase.Point when type is FieldType.Point:
                return ReadPoint(value.Point, ref result);
            default:
                return Outcome.WrongType;
        }
    }

    /// <summary>A stored value, of whatever type it says.</summary>
    public static FieldValue FromStored(Proto.Value? value) => value?.KindCase switch
    {
        null or Proto.Value.KindOneofCase.None or Proto.Value.KindOneofCase.Clear => default,
        Proto.Value.KindOneofCase.Text => FieldValue.Text(value.Text),
        Proto.Value.KindOneofCase.Code => FieldValue.Code(value.Code),
        Proto.Value.KindOneofCase.Integer => FieldValue.Integer(value.Integer),
        Proto.Value.KindOneofCase.Decimal => FieldValue.Decimal(decimal.Parse(value.Decimal, CultureInfo.InvariantCulture)),
        Proto.Value.KindOneofCase.Boolean => FieldValue.Boolean(value.Boolean),
        Proto.Value.KindOneofCase.Date => FieldValue.Date(value.Date),
        Proto.Value.KindOneofCase.Timestamp => FieldValue.Timestamp(Microseconds(value.Timestamp)),
        Proto.Value.KindOneofCase.TextList => FieldValue.TextList([.. value.TextList.Values]),
        Proto.Value.KindOneofCase.Point => FieldValue.Point(value.Point.Latitude, value.Point.Longitude),
        _ => throw new System.Diagnostics.UnreachableException($"kind {value.KindCase}"),
    };

    /// <summary>A value as a message; a missing one as a value with no kind set.</summary>
    public static Proto.Value ToProto(in FieldValue value) => value.Type switch
    {
        FieldType.Unspecified => new Proto.Value(),
        FieldType.Text => new Proto.Value { Text = value.AsText },
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

    // PostgreSQL's text holds every character but NUL.
    private static bool IsStorable(string text) => !text.Contains('\0', StringComparison.Ordinal);

    private static Outcome ReadDecimal(string text, ref FieldValue result)
    {
        const NumberStyles Plain = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        if (text.Length > 40 || !decimal.TryParse(text, Plain, CultureInfo.InvariantCulture, out var number))
        {
            return text.Length is > 0 and <= 100 && text.All(c => char.IsAsciiDigit(c) || c is '.' or '-' or '+') ? Outcome.OutOfRange : Outcome.WrongType;
        }

        // More than 28 digits would be rounded silently.
        var digits = text.AsSpan().TrimStart("+-0.").ToString().Count(char.IsAsciiDigit);
        result = FieldValue.Decimal(number);
        return digits <= 28 && number.Scale <= 28 ? Outcome.Read : Outcome.OutOfRange;
    }

    private static Outcome ReadTimestamp(Timestamp timestamp, ref FieldValue result)
    {
        if (timestamp.Seconds is < FirstSecond or > LastSecond || timestamp.Nanos is < 0 or > 999_999_999)
        {
            return Outcome.OutOfRange;
        }

        result = FieldValue.Timestamp(Microseconds(timestamp));
        return Outcome.Read;
    }

    private static Outcome ReadTextList(Proto.TextList list, ref FieldValue result)
    {
        foreach (var item in list.Values)
        {
            if (!IsStorable(item))
            {
                return Outcome.WrongType;
            }
        }

        result = FieldValue.TextList([.. list.Values]);
        return Outcome.Read;
    }

    private static Outcome ReadPoint(Proto.Point point, ref FieldValue result)
    {
        if (point.Latitude is not (>= -90 and <= 90) || point.Longitude is not (>= -180 and <= 180))
        {
            return Outcome.OutOfRange;
        }

        result = FieldValue.Point(point.Latitude, point.Longitude);
        return Outcome.Read;
    }

    private static long Microseconds(Timestamp timestamp) => timestamp.Seconds * MicrosecondsPerSecond + timestamp.Nanos / 1000;
}
