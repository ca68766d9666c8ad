using System.Globalization;
using Exchange.Policy.Conditions;
using Google.Protobuf.WellKnownTypes;
using FieldType = Exchange.Policy.Conditions.FieldType;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Records.Events;

/// <summary>Reads the inside of an `exchange.v1.Value` as it is stored in an event; the same value as <see cref="ValueMap.FromStored"/> gives of the message.</summary>
internal static class StoredValue
{
    private const uint SourceCode = (Proto.Value.SourceCodeFieldNumber << 3) | WireBuffer.Delimited;
    private const uint CodeSystem = (Proto.Value.CodeSystemFieldNumber << 3) | WireBuffer.Delimited;
    private const byte Clear = (Proto.Value.ClearFieldNumber << 3) | WireBuffer.Varint;

    /// <summary>True when it is none: the field has no value any more.</summary>
    public static bool IsMissing(ReadOnlySpan<byte> inside) => inside.IsEmpty || inside[0] is Clear;

    /// <summary>The value. Throws <see cref="InvalidDataException"/> when the bytes are not what the hub stores.</summary>
    public static FieldValue Read(ReadOnlySpan<byte> inside)
    {
        if (IsMissing(inside))
        {
            return default;
        }

        var reader = new WireReader(inside);
        reader.Next(out var tag);
        var value = (tag >> 3) switch
        {
            Proto.Value.TextFieldNumber => FieldValue.Text(reader.Text()),
            Proto.Value.CodeFieldNumber => ReadCode(ref reader),
            Proto.Value.IntegerFieldNumber => FieldValue.Integer(reader.Signed()),
            Proto.Value.DecimalFieldNumber => FieldValue.Decimal(decimal.Parse(reader.Text(), CultureInfo.InvariantCulture)),
            Proto.Value.BooleanFieldNumber => FieldValue.Boolean(reader.Boolean()),
            Proto.Value.DateFieldNumber => FieldValue.Date((int)reader.Signed()),
            Proto.Value.TimestampFieldNumber => ReadTimestamp(reader.Delimited()),
            Proto.Value.TextListFieldNumber => ReadTextList(reader.Delimited()),
            Proto.Value.PointFieldNumber => ReadPoint(reader.Delimited()),
            _ => default,
        };
        return value.Type is FieldType.Unspecified || reader.IsOdd || !reader.AtEnd ? throw Odd() : value;
    }

    private static FieldValue ReadCode(ref WireReader reader)
    {
        var code = reader.Text();
        if (reader.AtEnd)
        {
            return FieldValue.Code(code);
        }

        var (sourceCode, codeSystem) = ("", "");
        while (reader.Next(out var tag))
        {
            if (tag is SourceCode)
            {
                sourceCode = reader.Text();
            }
            else
            {
                codeSystem = tag is CodeSystem ? reader.Text() : throw Odd();
            }
        }

        return FieldValue.Code(new SourcedCode(code, codeSystem, sourceCode));
    }

    private static FieldValue ReadTimestamp(ReadOnlySpan<byte> inside)
    {
        var (seconds, nanos) = (0L, 0L);
        var reader = new WireReader(inside);
        while (reader.Next(out var tag))
        {
            if (tag >> 3 is Timestamp.SecondsFieldNumber)
            {
                seconds = (long)reader.Unsigned();
            }
            else
            {
                nanos = (long)reader.Unsigned();
            }
        }

        return reader.IsOdd ? throw Odd() : FieldValue.Timestamp((seconds * 1_000_000) + (nanos / 1000));
    }

    private static FieldValue ReadTextList(ReadOnlySpan<byte> inside)
    {
        var items = new List<string>();
        var reader = new WireReader(inside);
        while (reader.Next(out _))
        {
            items.Add(reader.Text());
        }

        return reader.IsOdd ? throw Odd() : FieldValue.TextList([.. items]);
    }

    private static FieldValue ReadPoint(ReadOnlySpan<byte> inside)
    {
        var (latitude, longitude) = (0d, 0d);
        var reader = new WireReader(inside);
        while (reader.Next(out var tag))
        {
            if (tag >> 3 is Proto.Point.LatitudeFieldNumber)
            {
                latitude = reader.Double();
            }
            else
            {
                longitude = reader.Double();
            }
        }

        return reader.IsOdd ? throw Odd() : FieldValue.Point(latitude, longitude);
    }

    private static InvalidDataException Odd() => new("a stored value is not in the form that the hub writes");
}
