using System.Collections.Immutable;
using Exchange.Policy.Conditions;
using Exchange.Server.Records.Events;
using Exchange.Server.Records.Reading;

namespace Exchange.Server.Feed;

/// <summary>The record before or after an event, as far as the event itself tells.</summary>
internal readonly struct EventRow : IRow
{
    private readonly RecordEventWire recordEvent;
    private readonly WireValues values;

    private EventRow(RecordEventWire recordEvent, WireValues values)
    {
        this.recordEvent = recordEvent;
        this.values = values;
    }

    /// <summary>The record before a later event; nothing is known of its times and origin.</summary>
    public static EventRow Before(RecordEventWire later) => new(later, later.IsProposal ? later.After : later.Before);

    /// <summary>The record after an event; a first one tells everything.</summary>
    public static EventRow After(RecordEventWire any) => new(any, any.Stored.Version is 1 ? any.Changes : any.After);

    /// <summary>True when the rows before and after the event answer for all these numbers.</summary>
    public static bool Tells(RecordEventWire any, ImmutableSortedSet<int> numbers)
    {
        if (any.Stored.Version is 1)
        {
            return !any.IsSealed || !any.SealedFields.Exists(numbers.Contains);
        }

        foreach (var number in numbers)
        {
            if (number != SystemAttributes.Opener.Number && !(Before(any).values.Has(number) && After(any).values.Has(number)))
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
        -2 => FieldValue.Text(recordEvent.OpenedSourceSystem),
        -3 => FieldValue.Text(recordEvent.OpenedSourceId),
        -4 or -5 => RecordFold.Time(recordEvent.Stored.RecordedAt),
        _ => values.TryFind(number, out var inside) ? StoredValue.Read(inside) : default,
    };
}
