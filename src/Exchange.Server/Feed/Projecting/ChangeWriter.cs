using Exchange.Catalog.Access;
using Exchange.Policy.Conditions;
using Exchange.Protos.V1;
using Exchange.Server.Records.Events;
using Exchange.Server.Records.Reading;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Value = Exchange.Protos.V1.Value;

namespace Exchange.Server.Feed;

/// <summary>Writes what became of a record, as its reader may see it.</summary>
internal static class ChangeWriter
{
    /// <summary>The change; null when the reader sees nothing of it.</summary>
    /// <param name="view">What the reader sees.</param>
    /// <param name="recordEvent">The event, its wanted values opened.</param>
    /// <param name="before">Rule per field on the record before; null where it was not there for the reader.</param>
    /// <param name="after">The same after.</param>
    /// <param name="fold">The record after the event; null when the event's own values are enough.</param>
    public static Change? Write(FeedView view, RecordEvent recordEvent, short[]? before, short[]? after, RecordFold? fold)
    {
        var change = (before, after) switch
        {
            (null, null) => null,
            (not null, null) => New(recordEvent, ChangeKind.Withdrawn),
            (null, not null) => Entered(view, recordEvent, after, fold),
            (not null, not null) => Changed(view, recordEvent, before, after, fold),
        };
        return change is { Kind: ChangeKind.Changed, Columns.Count: 0, WithdrawnColumns.Count: 0 } ? null : change;
    }

    /// <summary>True when the rule before and the one after make the reader see a value that it did not see, or saw in another form.</summary>
    public static bool IsNewlyShown(FeedView view, int index, short before, short after) =>
        after is not PlanEvaluator.Denied && (before is PlanEvaluator.Denied || view.MaskOf(index, before) != view.MaskOf(index, after));

    /// <summary>True when the event wrote the field.</summary>
    public static bool Writes(RecordEvent recordEvent, int number)
    {
        if (recordEvent.IsProposal)
        {
            return false;
        }

        foreach (var change in recordEvent.Changes)
        {
            if (change.Number == number)
            {
                return true;
            }
        }

        return recordEvent.SealedFields.Contains(number);
    }

    private static Change Entered(FeedView view, RecordEvent recordEvent, short[] after, RecordFold? fold)
    {
        var change = New(recordEvent, ChangeKind.Entered);
        for (var column = 0; column < view.Fields.Length; column++)
        {
            var index = view.Fields[column];
            if (after[index] is not PlanEvaluator.Denied && Show(view, recordEvent, index, after[index], fold) is { IsMissing: false } shown)
            {
                Add(change, column, shown);
            }
        }

        return change;
    }

    private static Change Changed(FeedView view, RecordEvent recordEvent, short[] before, short[] after, RecordFold? fold)
    {
        var change = New(recordEvent, ChangeKind.Changed);
        for (var column = 0; column < view.Fields.Length; column++)
        {
            var index = view.Fields[column];
            if (after[index] is PlanEvaluator.Denied)
            {
                if (before[index] is not PlanEvaluator.Denied)
                {
                    change.WithdrawnColumns.Add(column);
                }
            }
            else if (IsNewlyShown(view, index, before[index], after[index]) || Writes(recordEvent, view.Plan.Plan.Fields[index].Field.Number))
            {
                Add(change, column, Show(view, recordEvent, index, after[index], fold));
            }
        }

        return change;
    }

    private static FieldValue Show(FeedView view, RecordEvent recordEvent, int index, short rule, RecordFold? fold) =>
        view.Plan.Masks.Show(index, rule, fold is null ? ValueIn(recordEvent, view.Plan.Plan.Fields[index].Field.Number) : fold.Values[index]);

    private static FieldValue ValueIn(RecordEvent recordEvent, int number)
    {
        foreach (var change in recordEvent.Changes)
        {
            if (change.Number == number)
            {
                return change.Value;
            }
        }

        return default;
    }

    private static void Add(Change change, int column, in FieldValue value)
    {
        change.Columns.Add(column);
        change.Values.Add(value.IsMissing ? new Value() : ValueMap.ToProto(value));
    }

    private static Change New(RecordEvent recordEvent, ChangeKind kind)
    {
        var stored = recordEvent.Stored;
        Span<byte> id = stackalloc byte[16];
        stored.StreamId.TryWriteBytes(id, bigEndian: true, out _);
        return new Change
        {
            RecordId = ByteString.CopyFrom(id),
            Kind = kind,
            Partition = stored.Partition,
            Position = stored.Position,
            Version = stored.Version,
            RecordTime = Timestamp.FromDateTimeOffset(stored.RecordedAt),
            Department = stored.Caller,
        };
    }
}
