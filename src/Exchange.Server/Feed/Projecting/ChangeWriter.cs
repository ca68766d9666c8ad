using Exchange.Catalog.Access;
using Exchange.EventStore;
using Exchange.Protos.V1;
using Exchange.Server.Records.Events;
using Exchange.Server.Records.Reading;

namespace Exchange.Server.Feed;

/// <summary>
/// Writes what became of a record, as its reader may see it, as `changes` of a `FeedBatch`. Values without a mask go from the event to the wire as the
/// bytes they are; masks are put on here, before anything is serialised. Not for concurrent use.
/// </summary>
/// <param name="view">What the reader sees.</param>
/// <param name="maxBytes">Size of a change at most: of one that is larger the longest values are left out, and named.</param>
internal sealed class ChangeWriter(FeedView view, int maxBytes)
{
    private readonly (int Index, int Number)[] places = [.. view.Fields.Select(index => (index, view.NumberOf(index)))];
    private readonly PlanMasks masks = view.Plan.Masks;
    private readonly WireBuffer values = new();
    private readonly WireBuffer columns = new(64);
    private readonly WireBuffer withdrawn = new(64);
    private readonly List<int> omitted = [];

    /// <summary>Writes the change; nothing when the reader sees nothing of the event.</summary>
    /// <param name="buffer">Where to.</param>
    /// <param name="sight">The event, its wanted values opened, with the rules before and after.</param>
    /// <param name="fold">The record after the event; null when the event's own values are enough.</param>
    public void Write(WireBuffer buffer, EventSight sight, RecordFold? fold)
    {
        if ((sight.Before, sight.After) is (null, null))
        {
            return;
        }

        omitted.Clear();
        Gather(sight, fold);
        var kind = sight.After is null ? ChangeKind.Withdrawn : sight.Before is null ? ChangeKind.Entered
            : sight.Event.IsCorrection ? ChangeKind.Corrected : ChangeKind.Changed;
        if (kind is ChangeKind.Changed or ChangeKind.Corrected && columns.Length is 0 && withdrawn.Length is 0)
        {
            return;
        }

        var start = buffer.Length;
        while (Put(buffer, sight.Event.Stored, kind) > maxBytes && columns.Length > 0)
        {
            buffer.Truncate(start);
            omitted.Add(Longest());
            Gather(sight, fold);
        }
    }

    private void Gather(EventSight sight, RecordFold? fold)
    {
        columns.Clear();
        withdrawn.Clear();
        values.Clear();
        if (sight.After is not { } after)
        {
            return;
        }

        var (before, recordEvent) = (sight.Before, sight.Event);
        for (var column = 0; column < places.Length; column++)
        {
            var (index, number) = places[column];
            if (after[index] is PlanEvaluator.Denied)
            {
                if (before is not null && before[index] is not PlanEvaluator.Denied)
                {
                    withdrawn.Unsigned((uint)column);
                }
            }
            else if (before is null || view.IsNewlyShown(index, before[index], after[index]) || recordEvent.Writes(number))
            {
                var length = values.Length;
                var isMissing = !TryWriteValue(recordEvent, index, number, after[index], fold);

                // A record that enters has no values to forget.
                if ((isMissing && before is null) || (omitted.Count > 0 && omitted.Contains(column)))
                {
                    values.Truncate(length);
                }
                else
                {
                    columns.Unsigned((uint)column);
                }
            }
        }
    }

    // False when there is no value; then it is written as one with no kind set.
    private bool TryWriteValue(RecordEventWire recordEvent, int index, int number, short rule, RecordFold? fold)
    {
        if (fold is not null)
        {
            return WriteShown(masks.Show(index, rule, fold.Values[index]));
        }

        recordEvent.Changes.TryFind(number, out var inside);
        if (masks.IsMasked(index, rule))
        {
            return WriteShown(masks.Show(index, rule, StoredValue.Read(inside)));
        }

        var isMissing = StoredValue.IsMissing(inside);
        values.DelimitedField(Change.ValuesFieldNumber, isMissing ? [] : inside);
        return !isMissing;
    }

    private bool WriteShown(in Policy.Conditions.FieldValue value)
    {
        ValueWire.WriteField(values, Change.ValuesFieldNumber, value);
        return !value.IsMissing;
    }

    // Returns the size of the message.
    private int Put(WireBuffer buffer, StoredEvent stored, ChangeKind kind)
    {
        var message = buffer.BeginMessage(FeedBatch.ChangesFieldNumber);
        buffer.Tag(Change.RecordIdFieldNumber, WireBuffer.Delimited);
        buffer.Unsigned(16);
        stored.StreamId.TryWriteBytes(buffer.GetSpan(16), bigEndian: true, out _);
        buffer.Advance(16);
        buffer.Tag(Change.KindFieldNumber, WireBuffer.Varint);
        buffer.Unsigned((ulong)kind);
        PutNumber(buffer, Change.PartitionFieldNumber, stored.Partition);
        PutNumber(buffer, Change.PositionFieldNumber, stored.Position);
        PutNumber(buffer, Change.VersionFieldNumber, stored.Version);
        ValueWire.WriteTimestamp(buffer, Change.RecordTimeFieldNumber, RecordFold.Time(stored.RecordedAt).AsTimestamp);
        buffer.TextField(Change.DepartmentFieldNumber, stored.Caller);
        buffer.BytesField(Change.ColumnsFieldNumber, columns.Written);
        buffer.Raw(values.Written);
        buffer.BytesField(Change.WithdrawnColumnsFieldNumber, withdrawn.Written);
        PutOmitted(buffer);
        var size = buffer.Length - message;
        buffer.EndMessage(message);
        return size;
    }

    private static void PutNumber(WireBuffer buffer, int field, long number)
    {
        if (number is not 0)
        {
            buffer.Tag(field, WireBuffer.Varint);
            buffer.Unsigned((ulong)number);
        }
    }

    private void PutOmitted(WireBuffer buffer)
    {
        if (omitted.Count is 0)
        {
            return;
        }

        var start = buffer.BeginMessage(Change.OmittedColumnsFieldNumber);
        foreach (var column in omitted)
        {
            buffer.Unsigned((uint)column);
        }

        buffer.EndMessage(start);
    }

    private int Longest()
    {
        var (longest, most) = (0, -1);
        var columnReader = new WireReader(columns.Written);
        var valueReader = new WireReader(values.Written);
        while (valueReader.Next(out _))
        {
            var (column, length) = ((int)columnReader.Unsigned(), valueReader.Delimited().Length);
            (longest, most) = length > most ? (column, length) : (longest, most);
        }

        return longest;
    }
}
