using Exchange.Catalog;
using Exchange.Catalog.Records;
using Exchange.Policy.Conditions;
using Exchange.Server.Records.Events;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Records.Push;

/// <summary>Reads `exchange.v1.PushedBatch` in its canonical form.</summary>
internal static class PushedBatchReader
{
    private const uint Sequence = (Proto.PushedBatch.SequenceFieldNumber << 3) | WireBuffer.Varint;
    private const uint Code = (Proto.Value.CodeFieldNumber << 3) | WireBuffer.Delimited;
    private const uint SourceCode = (Proto.Value.SourceCodeFieldNumber << 3) | WireBuffer.Delimited;
    private const uint CodeSystem = (Proto.Value.CodeSystemFieldNumber << 3) | WireBuffer.Delimited;
    private const uint Records = (Proto.PushedBatch.RecordsFieldNumber << 3) | WireBuffer.Delimited;

    /// <summary>Reads the content's bytes into its arrays; false when they are not canonical.</summary>
    public static bool TryRead(BatchContent content)
    {
        var reader = new WireReader(content.Bytes);
        while (reader.Next(out var tag))
        {
            switch (tag)
            {
                case Sequence when content.Sequence is 0:
                    content.Sequence = (long)reader.Unsigned();
                    _ = content.Sequence is not 0 || reader.Odd();
                    break;
                case Records:
                    var record = reader.Delimited();
                    if (content.Count > PushedBatchForm.MostRecords)
                    {
                        // Refused for their number, whatever they hold: a small message must not become much memory.
                        break;
                    }

                    _ = TryReadRecord(record, content) || reader.Odd();
                    if (content.Count is 1)
                    {
                        content.ExpectMoreLike(record.Length);
                    }

                    break;
                default:
                    reader.Odd();
                    break;
            }
        }

        return !reader.IsOdd;
    }

    private static bool TryReadRecord(ReadOnlySpan<byte> bytes, BatchContent content)
    {
        const uint SourceId = (Proto.PushedRecord.SourceIdFieldNumber << 3) | WireBuffer.Delimited;
        const uint RecordIdText = (Proto.PushedRecord.RecordIdFieldNumber << 3) | WireBuffer.Delimited;
        const uint OpenedAs = (Proto.PushedRecord.OpenedAsFieldNumber << 3) | WireBuffer.Delimited;
        const uint SourceVersion = (Proto.PushedRecord.SourceVersionFieldNumber << 3) | WireBuffer.Varint;
        const uint Values = (Proto.PushedRecord.ValuesFieldNumber << 3) | WireBuffer.Delimited;
        const uint Warnings = (Proto.PushedRecord.WarningsFieldNumber << 3) | WireBuffer.Delimited;

        ref var record = ref content.Add();
        var reader = new WireReader(bytes);
        var isNamed = false;
        while (reader.Next(out var tag))
        {
            switch (tag)
            {
                case SourceId when !isNamed:
                    record.OpenAs = reader.Text();
                    record.Reference = RecordReference.Own(record.OpenAs);
                    isNamed = true;
                    break;
                case RecordIdText when !isNamed:
                    record.Reference = Guid.TryParseExact(reader.Text(), "D", out var id) ? RecordReference.ById(new RecordId(id)) : null;
                    isNamed = true;
                    break;
                case OpenedAs when !isNamed:
                    _ = TryReadReference(reader.Delimited(), out var reference) || reader.Odd();
                    record.Reference = reference;
                    isNamed = true;
                    break;
                case SourceVersion when record.SourceVersion is 0:
                    record.SourceVersion = (long)reader.Unsigned();
                    _ = record.SourceVersion is not 0 || reader.Odd();
                    break;
                case Values:
                    _ = TryReadValue(reader.Delimited(), content, out var value) || reader.Odd();

                    // One more than any header has fields is enough to be refused for.
                    if (record.ValueCount <= ResourceRules.MostFields)
                    {
                        content.Add(value);
                        record.ValueCount++;
                    }

                    break;
                case Warnings:
                    (record.Warnings ??= []).Add(reader.Text());
                    break;
                default:
                    reader.Odd();
                    break;
            }
        }

        return !reader.IsOdd;
    }

    private static bool TryReadReference(ReadOnlySpan<byte> bytes, out RecordReference reference)
    {
        const uint SourceSystem = (Proto.SourceReference.SourceSystemFieldNumber << 3) | WireBuffer.Delimited;
        const uint SourceId = (Proto.SourceReference.SourceIdFieldNumber << 3) | WireBuffer.Delimited;

        var (system, id) = ("", "");
        var reader = new WireReader(bytes);
        while (reader.Next(out var tag))
        {
            _ = tag switch
            {
                SourceSystem when system.Length is 0 => (system = reader.Text()).Length > 0 || reader.Odd(),
                SourceId when id.Length is 0 => (id = reader.Text()).Length > 0 || reader.Odd(),
                _ => reader.Odd(),
            };
        }

        reference = RecordReference.OpenedAs(system, id);
        return !reader.IsOdd;
    }

    private static bool TryReadValue(ReadOnlySpan<byte> bytes, BatchContent content, out PushedValue value)
    {
        value = PushedValue.NotSent;
        var reader = new WireReader(bytes);
        if (!reader.Next(out var tag))
        {
            return !reader.IsOdd;
        }

        if (tag is SourceCode or CodeSystem)
        {
            return TryReadSource(reader, tag, default, isCode: true, out value);
        }

        value = (tag >> 3, tag & 7) switch
        {
            (Proto.Value.ClearFieldNumber, WireBuffer.Varint) => reader.Boolean() ? PushedValue.Clear : PushedValue.NotSent,
            (Proto.Value.TextFieldNumber, WireBuffer.Delimited) => PushedValue.Of(content.Lend(reader.Utf8Text())),
            (Proto.Value.CodeFieldNumber, WireBuffer.Delimited) => PushedValue.Of(FieldValue.Code(reader.Text())),
            (Proto.Value.IntegerFieldNumber, WireBuffer.Varint) => PushedValue.Of(FieldValue.Integer(reader.Signed())),
            (Proto.Value.DecimalFieldNumber, WireBuffer.Delimited) => ValueMap.ReadDecimal(reader.Text()),
            (Proto.Value.BooleanFieldNumber, WireBuffer.Varint) => PushedValue.Of(FieldValue.Boolean(reader.Boolean())),
            (Proto.Value.DateFieldNumber, WireBuffer.Varint) => ReadDate(ref reader),
            (Proto.Value.TimestampFieldNumber, WireBuffer.Delimited) => ReadTimestamp(ref reader),
            (Proto.Value.TextListFieldNumber, WireBuffer.Delimited) => ReadTextList(ref reader),
            (Proto.Value.PointFieldNumber, WireBuffer.Delimited) => ReadPoint(ref reader),
            _ => Odd(ref reader),
        };
        if (reader.AtEnd)
        {
            return !reader.IsOdd;
        }

        var isCode = tag is Code;
        return reader.Next(out tag) && TryReadSource(reader, tag, value.Value, isCode, out value);
    }

    // Behind the value, or instead of it, from the tag on that was read.
    private static bool TryReadSource(WireReader reader, uint tag, FieldValue code, bool isCode, out PushedValue value)
    {
        var (sourceCode, codeSystem) = ("", "");
        do
        {
            _ = tag switch
            {
                SourceCode when sourceCode.Length is 0 => (sourceCode = reader.Text()).Length > 0 || reader.Odd(),
                CodeSystem when codeSystem.Length is 0 => (codeSystem = reader.Text()).Length > 0 || reader.Odd(),
                _ => reader.Odd(),
            };
        }
        while (reader.Next(out tag));

        value = isCode && sourceCode.Length > 0 && codeSystem.Length > 0
            ? PushedValue.Of(FieldValue.Code(new SourcedCode(code.IsMissing ? "" : code.AsText, codeSystem, sourceCode)))
            : PushedValue.Malformed(ValueComplaint.HalfSourced);
        return !reader.IsOdd;
    }

    private static PushedValue ReadDate(ref WireReader reader)
    {
        var days = reader.Signed();
        return (int)days == days ? PushedValue.Of(FieldValue.Date((int)days)) : Odd(ref reader);
    }

    private static PushedValue ReadTimestamp(ref WireReader outer)
    {
        const uint Seconds = (Google.Protobuf.WellKnownTypes.Timestamp.SecondsFieldNumber << 3) | WireBuffer.Varint;
        const uint Nanos = (Google.Protobuf.WellKnownTypes.Timestamp.NanosFieldNumber << 3) | WireBuffer.Varint;

        var (seconds, nanos) = (0L, 0L);
        var reader = new WireReader(outer.Delimited());
        while (reader.Next(out var tag))
        {
            _ = tag switch
            {
                Seconds when seconds is 0 => (seconds = (long)reader.Unsigned()) is not 0 || reader.Odd(),
                Nanos when nanos is 0 => (nanos = (long)reader.Unsigned()) is not 0 || reader.Odd(),
                _ => reader.Odd(),
            };
        }

        return reader.IsOdd || (int)nanos != nanos ? Odd(ref outer) : ValueMap.ReadTimestamp(seconds, (int)nanos);
    }

    private static PushedValue ReadTextList(ref WireReader outer)
    {
        const uint Values = (1 << 3) | WireBuffer.Delimited;

        var items = new List<string>();
        var reader = new WireReader(outer.Delimited());
        while (reader.Next(out var tag))
        {
            if (tag is not Values)
            {
                reader.Odd();
                break;
            }

            items.Add(reader.Text());
        }

        return reader.IsOdd ? Odd(ref outer) : PushedValue.Of(FieldValue.TextList([.. items]));
    }

    private static PushedValue ReadPoint(ref WireReader outer)
    {
        const uint Latitude = (Proto.Point.LatitudeFieldNumber << 3) | WireBuffer.Fixed64;
        const uint Longitude = (Proto.Point.LongitudeFieldNumber << 3) | WireBuffer.Fixed64;

        var (latitude, longitude) = (0d, 0d);
        var reader = new WireReader(outer.Delimited());
        while (reader.Next(out var tag))
        {
            // proto3 leaves +0.0 out, and only that.
            _ = tag switch
            {
                Latitude when IsZero(latitude) => !IsZero(latitude = reader.Double()) || reader.Odd(),
                Longitude when IsZero(longitude) => !IsZero(longitude = reader.Double()) || reader.Odd(),
                _ => reader.Odd(),
            };
        }

        return reader.IsOdd ? Odd(ref outer) : ValueMap.ReadPoint(latitude, longitude);
    }

    private static bool IsZero(double degrees) => BitConverter.DoubleToInt64Bits(degrees) is 0;

    private static PushedValue Odd(ref WireReader reader)
    {
        reader.Odd();
        return PushedValue.NotSent;
    }
}
