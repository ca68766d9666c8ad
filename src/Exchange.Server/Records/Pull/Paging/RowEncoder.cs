using Exchange.Policy.Conditions;
using Exchange.Protos.V1;
using Exchange.Server.Records.Events;
using Exchange.Server.Records.Subjects;
using Npgsql;
using FieldType = Exchange.Policy.Conditions.FieldType;

namespace Exchange.Server.Records.Pull.Paging;

/// <summary>
/// Writes result rows as `RecordRow` messages, straight from the database's buffer: no object for a value, and for texts without a mask not even a
/// string. Masks are put on here, before anything is serialised.
/// </summary>
internal sealed class RowEncoder(PullShape shape)
{
    private const int MissingValue = 0;

    /// <summary>Adds the row the reader stands on to a batch.</summary>
    public void Write(NpgsqlDataReader reader, WireBuffer buffer)
    {
        var row = buffer.BeginMessage(RecordBatch.RowsFieldNumber);
        WriteRecordId(buffer, reader.GetGuid(PullShape.RecordId));
        buffer.Tag(RecordRow.VersionFieldNumber, WireBuffer.Varint);
        buffer.Unsigned((ulong)reader.GetInt64(PullShape.Version));
        for (var place = 0; place < shape.Columns.Length; place++)
        {
            WriteValue(reader, buffer, place);
        }

        buffer.EndMessage(row);
    }

    private static void WriteRecordId(WireBuffer buffer, Guid id)
    {
        buffer.Tag(RecordRow.RecordIdFieldNumber, WireBuffer.Delimited);
        buffer.Unsigned(16);
        id.TryWriteBytes(buffer.GetSpan(16), bigEndian: true, out _);
        buffer.Advance(16);
    }

    private void WriteValue(NpgsqlDataReader reader, WireBuffer buffer, int place)
    {
        var column = shape.Columns[place];
        var ordinal = shape.ValueOrdinals[place];
        buffer.Tag(RecordRow.ValuesFieldNumber, WireBuffer.Delimited);
        if (column.IsDenied || reader.IsDBNull(ordinal))
        {
            buffer.Unsigned(MissingValue);
            return;
        }

        var type = column.Column.Field.Type;
        if (column.IsPlain || !IsMasked(reader, place, out var rule))
        {
            if (type is FieldType.Text or FieldType.Code)
            {
                ValueWire.WriteText(buffer, type, reader.GetFieldValue<ReadOnlyMemory<byte>>(ordinal).Span);
                return;
            }

            WriteInside(buffer, SubjectReader.Read(reader, ordinal, type));
            return;
        }

        WriteInside(buffer, shape.View.Plan.Masks.Show(column.FieldIndex, rule, SubjectReader.Read(reader, ordinal, type)));
    }

    private bool IsMasked(NpgsqlDataReader reader, int place, out int rule)
    {
        var column = shape.Columns[place];
        rule = column.NeedsRule ? reader.GetInt32(shape.RuleOrdinals[place]) : column.FixedRule;
        return shape.View.Plan.Masks.IsMasked(column.FieldIndex, rule);
    }

    private static void WriteInside(WireBuffer buffer, in FieldValue value)
    {
        var start = buffer.BeginLength();
        ValueWire.Write(buffer, value);
        buffer.EndMessage(start);
    }
}
