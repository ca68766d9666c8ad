using Exchange.Policy.Conditions;
using Exchange.Protos.V1;
using Exchange.Server.Records.Events;
using Exchange.Server.Records.Subjects;
using FieldType = Exchange.Policy.Conditions.FieldType;

namespace Exchange.Server.Records.Pull.Paging;

/// <summary>
/// Writes result rows as `RecordRow` messages, straight from the database's bytes: no object for a value, and for texts without a mask not even a
/// string. Masks are put on here, before anything is serialised.
/// </summary>
internal sealed class RowEncoder(PullShape shape)
{
    private const int MissingValue = 0;

    /// <summary>Adds a row to a batch.</summary>
    public void Write(SubjectRow row, WireBuffer buffer)
    {
        var message = buffer.BeginMessage(RecordBatch.RowsFieldNumber);

        // The database sends ids in network order too.
        buffer.BytesField(RecordRow.RecordIdFieldNumber, row.Bytes(PullShape.RecordId));
        buffer.Tag(RecordRow.VersionFieldNumber, WireBuffer.Varint);
        buffer.Unsigned((ulong)row.Int64(PullShape.Version));
        for (var place = 0; place < shape.Columns.Length; place++)
        {
            WriteValue(row, buffer, place);
        }

        buffer.EndMessage(message);
    }

    private void WriteValue(SubjectRow row, WireBuffer buffer, int place)
    {
        var column = shape.Columns[place];
        var ordinal = shape.ValueOrdinals[place];
        buffer.Tag(RecordRow.ValuesFieldNumber, WireBuffer.Delimited);
        if (column.IsDenied || row.IsNull(ordinal))
        {
            buffer.Unsigned(MissingValue);
            return;
        }

        var type = column.Column.Field.Type;
        if (column.IsPlain || !IsMasked(row, place, out var rule))
        {
            if (type is FieldType.Text || (type is FieldType.Code && !row.IsSourced(ordinal, column.Column)))
            {
                ValueWire.WriteText(buffer, type, row.Bytes(ordinal));
                return;
            }

            WriteInside(buffer, row.Value(ordinal, column.Column));
            return;
        }

        WriteInside(buffer, shape.View.Plan.Masks.Show(column.FieldIndex, rule, row.Value(ordinal, type)));
    }

    private bool IsMasked(SubjectRow row, int place, out int rule)
    {
        var column = shape.Columns[place];
        rule = column.NeedsRule ? row.Int32(shape.RuleOrdinals[place]) : column.FixedRule;
        return shape.View.Plan.Masks.IsMasked(column.FieldIndex, rule);
    }

    private static void WriteInside(WireBuffer buffer, in FieldValue value)
    {
        var start = buffer.BeginLength();
        ValueWire.Write(buffer, value);
        buffer.EndMessage(start);
    }
}
