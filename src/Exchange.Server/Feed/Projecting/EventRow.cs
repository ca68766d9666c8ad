using System.Collections.Immutable;
using Exchange.Policy.Conditions;
using Exchange.Server.Records.Events;
using Exchange.Server.Records.Reading;

namespace Exchange.Server.Feed;

/// <summary>The record before or after an event, as far as the event itself tells.</summary>
internal readonly struct EventRow : IRow
{
    private readonly RecordEvent recordEvent;
    private readonly ImmutableArray<FieldVersion> values;

    private EventRow(RecordEvent recordEvent, ImmutableArray<FieldVersion> values)
    {
        this.recordEvent = recordEvent;
        this.values = values;
    }

    /// <summary>The record before a later event; nothing is known of its times and origin.</summary>
    public static EventRow Before(RecordEvent later) => new(later, later.IsProposal ? later.After : later.Before);

    /// <summary>The record after an event; a first one tells everything.</summary>
    public static EventRow After(RecordEvent any) => new(any, any.Stored.Version is 1 ? any.Changes : any.After);

    /// <summary>True when the rows before and after the event answer for all these numbers.</summary>
    public static bool Tells(RecordEvent any, ImmutableSortedSet<int> numbers)
    {
        if (any.Stored.Version is 1)
        {
            return !any.IsSealed || !any.SealedFields.Any(numbers.Contains);
        }

        foreach (var number in numbers)
        {
            if (number != SystemAttributes.Opener.Number && !(Has(Before(any).values, number) && Has(After(any).values, number)))
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public FieldValue Get(int number) => number switch
    {
        -1 => FieldValue.Text(recordEvent.Opener),
        -2 => FieldValue.Text(recordEvent.OpenedAs.SourceSystem),
        -3 => FieldValue.Text(recordEvent.OpenedAs.SourceId),
        -4 or -5 => RecordFold.Time(recordEvent.Stored.RecordedAt),
        _ => Find(number),
    };

    private static bool Has(ImmutableArray<FieldVersion> values, int number)
    {
        foreach (var value in values)
        {
            if (value.Number == number)
            {
                return true;
            }
        }

        return false;
    }

    private FieldValue Find(int number)
    {
        foreach (var value in values)
        {
            if (value.Number == number)
            {
                return value.Value;
            }
        }

        return default;
    }
}
