using System.Collections.Immutable;
using System.Text;
using Exchange.Catalog.Access;
using Exchange.EventStore;
using Exchange.Policy.Conditions;
using Exchange.Server.Records.Events;

namespace Exchange.Server.Feed;

/// <summary>Looks at one stored event after the other with the eyes of one reader. Not for concurrent use.</summary>
internal sealed class EventSight(FeedView view)
{
    private readonly byte[] resource = Encoding.UTF8.GetBytes(view.Plan.Plan.Resource.Id.Value);
    private readonly short[] rulesBefore = new short[view.Plan.Plan.Fields.Length];
    private readonly short[] rulesAfter = new short[view.Plan.Plan.Fields.Length];

    /// <summary>The event looked at.</summary>
    public RecordEventWire Event { get; } = new();

    /// <summary>Rule per field on the record before it; null where it was not there for the reader. Until the next look.</summary>
    public short[]? Before { get; private set; }

    /// <summary>The same after it.</summary>
    public short[]? After { get; private set; }

    /// <summary>Looks at an event. Rules before and after are known when the event tells them.</summary>
    public Sight Look(StoredEvent stored)
    {
        (Before, After) = (null, null);
        if (!Event.TryRead(stored) || !Event.Resource.SequenceEqual(resource))
        {
            return Sight.Hidden;
        }

        if (Event.IsProposal && !view.ConditionNumbers.Contains(SystemAttributes.UpdateTime.Number))
        {
            return Sight.Hidden;
        }

        if (!EventRow.Tells(Event, view.ConditionNumbers))
        {
            return Sight.Untold;
        }

        Before = stored.Version is 1 ? null : Decide(EventRow.Before(Event), rulesBefore);
        After = Decide(EventRow.After(Event), rulesAfter);
        if (Before is null && After is null)
        {
            return Sight.Hidden;
        }

        if (stored.Version > 1 && ShowsWhatDidNotChange())
        {
            return Sight.Untold;
        }

        return ShowsSealed() ? Sight.Sealed : Sight.Told;
    }

    /// <summary>Decides the record as its history makes it, before the event and, once that was passed, after it.</summary>
    public void DecideBefore<TRow>(TRow row)
        where TRow : IRow => Before = Decide(row, rulesBefore);

    /// <inheritdoc cref="DecideBefore"/>
    public void DecideAfter<TRow>(TRow row)
        where TRow : IRow => After = Decide(row, rulesAfter);

    private short[]? Decide<TRow>(in TRow row, short[] rules)
        where TRow : IRow => view.TryDecide(row, rules) ? rules : null;

    // A record that enters arrives whole, and a condition may bring a value into sight that did not change itself.
    private bool ShowsWhatDidNotChange()
    {
        if (After is null)
        {
            return false;
        }

        if (Before is null)
        {
            return true;
        }

        foreach (var index in view.Fields)
        {
            if (view.IsNewlyShown(index, Before[index], After[index]) && !Event.Writes(view.NumberOf(index)))
            {
                return true;
            }
        }

        return false;
    }

    private bool ShowsSealed()
    {
        if (After is null || !Event.IsSealed)
        {
            return false;
        }

        foreach (var index in view.Fields)
        {
            if (After[index] is not PlanEvaluator.Denied && Event.SealedFields.Contains(view.NumberOf(index)))
            {
                return true;
            }
        }

        return false;
    }
}
