using Exchange.Clients.Hub;
using Exchange.Protos.V1;
using Google.Protobuf;
using Grpc.Core;
using Timestamp = Google.Protobuf.WellKnownTypes.Timestamp;

namespace Exchange.Clients.Records;

/// <summary>
/// The call `Pull`, with a reader of its own for batches, which are nearly all that a pull is: it makes the objects that the generated code makes in two
/// thirds of the time, because it needs neither a limit and a codec for each value nor lists that grow. Whatever is not as hubs write it, also what a
/// later hub may add, it leaves to the generated code.
/// </summary>
internal static class PullMessages
{
    private const uint Batch = (PullResponse.BatchFieldNumber << 3) | Delimited;
    private const uint Rows = (RecordBatch.RowsFieldNumber << 3) | Delimited;
    private const uint PageToken = (RecordBatch.PageTokenFieldNumber << 3) | Delimited;
    private const uint RecordId = (RecordRow.RecordIdFieldNumber << 3) | Delimited;
    private const uint Version = (RecordRow.VersionFieldNumber << 3) | Varint;
    private const uint Values = (RecordRow.ValuesFieldNumber << 3) | Delimited;
    private const uint Text = (Value.TextFieldNumber << 3) | Delimited;
    private const uint Integer = (Value.IntegerFieldNumber << 3) | Varint;
    private const uint Decimal = (Value.DecimalFieldNumber << 3) | Delimited;
    private const uint Boolean = (Value.BooleanFieldNumber << 3) | Varint;
    private const uint Date = (Value.DateFieldNumber << 3) | Varint;
    private const uint Time = (Value.TimestampFieldNumber << 3) | Delimited;
    private const uint Code = (Value.CodeFieldNumber << 3) | Delimited;
    private const uint TextItems = (Value.TextListFieldNumber << 3) | Delimited;
    private const uint Place = (Value.PointFieldNumber << 3) | Delimited;
    private const uint Seconds = (Timestamp.SecondsFieldNumber << 3) | Varint;
    private const uint Nanos = (Timestamp.NanosFieldNumber << 3) | Varint;
    private const uint Item = (TextList.ValuesFieldNumber << 3) | Delimited;
    private const uint Latitude = (Point.LatitudeFieldNumber << 3) | Fixed64;
    private const uint Longitude = (Point.LongitudeFieldNumber << 3) | Fixed64;

    private const uint Varint = 0;
    private const uint Fixed64 = 1;
    private const uint Delimited = 2;

    /// <summary>The call.</summary>
    public static Method<PullRequest, PullResponse> Pull { get; } = new(
        MethodType.ServerStreaming,
        RecordsService.Descriptor.FullName,
        RecordsService.Descriptor.FindMethodByName(nameof(Pull)).Name,
        Marshallers.Create<PullRequest>(static request => request.ToByteArray(), PullRequest.Parser.ParseFrom),
        new Marshaller<PullResponse>(static (_, _) => throw new NotSupportedException("a client does not write responses"), Read));

    /// <summary>Reads a message.</summary>
    public static PullResponse Read(ReadOnlySpan<byte> bytes)
    {
        var wire = new WireSpan(bytes);
        return wire.TryVarint(out var tag) && tag is Batch && wire.TryDelimited(out var part) && wire.IsEnd && TryBatch(part) is { } batch
            ? new PullResponse { Batch = batch }
            : PullResponse.Parser.ParseFrom(bytes);
    }

    private static PullResponse Read(DeserializationContext context)
    {
        var bytes = context.PayloadAsReadOnlySequence();
        return bytes.IsSingleSegment ? Read(bytes.FirstSpan) : PullResponse.Parser.ParseFrom(bytes);
    }

    private static RecordBatch? TryBatch(ReadOnlySpan<byte> bytes)
    {
        var batch = new RecordBatch();
        var wire = new WireSpan(bytes);
        var columns = 0;
        while (!wire.IsEnd)
        {
            if (!wire.TryVarint(out var tag) || !wire.TryDelimited(out var part))
            {
                return null;
            }

            switch (tag)
            {
                case Rows when TryRow(part, columns) is { } row:
                    batch.Rows.Add(row);
                    columns = row.Values.Count;
                    break;
                case PageToken:
                    batch.PageToken = System.Text.Encoding.UTF8.GetString(part);
                    break;
                default:
                    return null;
            }
        }

        return batch;
    }

    private static RecordRow? TryRow(ReadOnlySpan<byte> bytes, int columns)
    {
        var row = new RecordRow();
        row.Values.Capacity = columns;
        var wire = new WireSpan(bytes);
        while (!wire.IsEnd)
        {
            if (!wire.TryVarint(out var tag))
            {
                return null;
            }

            switch (tag)
            {
                case Values when wire.TryDelimited(out var part) && TryValue(part) is { } value:
                    row.Values.Add(value);
                    break;
                case RecordId when wire.TryDelimited(out var id):
                    row.RecordId = ByteString.CopyFrom(id);
                    break;
                case Version when wire.TryVarint(out var version):
                    row.Version = (long)version;
                    break;
                default:
                    return null;
            }
        }

        return row;
    }

    private static Value? TryValue(ReadOnlySpan<byte> bytes)
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
            case Time when wire.TryDelimited(out var part) && TryTime(part) is { } time:
                value.Timestamp = time;
                break;
            case TextItems when wire.TryDelimited(out var part) && TryTexts(part) is { } texts:
                value.TextList = texts;
                break;
            case Place when wire.TryDelimited(out var part) && TryPoint(part) is { } point:
                value.Point = point;
                break;
            default:
                return null;
        }

        // A second kind would take the first one's place.
        return wire.IsEnd ? value : null;
    }

    private static Timestamp? TryTime(ReadOnlySpan<byte> bytes)
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

    private static TextList? TryTexts(ReadOnlySpan<byte> bytes)
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

    private static Point? TryPoint(ReadOnlySpan<byte> bytes)
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
