using System.Text;
using Exchange.Catalog.Access;
using Exchange.Policy.Conditions;
using Exchange.Server.Audit;
using Exchange.Server.Records.Events;
using Exchange.Server.Records.Reading;

namespace Exchange.Server.Feed;

/// <summary>Tells who owns, in the record after an event, fields that its reader may see of it. Not for concurrent use.</summary>
internal sealed class ChangeOwners(FeedView view, OwnerNumbers numbers)
{
    private readonly OwnerTexts texts = new(view.Owners, numbers);

    /// <summary>True when fields have owners that depend on the record.</summary>
    public bool AreAsked => view.Owners.Rules.Length > 0;

    /// <summary>The owners; none when the record left the reader's view.</summary>
    /// <param name="sight">The event, with the rules after it.</param>
    /// <param name="fold">The record after the event; null when the event's own values are enough.</param>
    public OwnerSet Of(EventSight sight, RecordFold? fold)
    {
        var set = default(OwnerSet);
        if (sight.After is not { } after)
        {
            return set;
        }

        for (var rule = 0; rule < view.Owners.Rules.Length; rule++)
        {
            if (IsShown(after, rule))
            {
                set = set.With(rule, NumberOf(sight.Event, fold, rule));
            }
        }

        return set;
    }

    private bool IsShown(short[] rules, int rule)
    {
        foreach (var index in view.Owners.Rules[rule].Fields)
        {
            if (rules[index] is not PlanEvaluator.Denied)
            {
                return true;
            }
        }

        return false;
    }

    private int NumberOf(RecordEventWire recordEvent, RecordFold? fold, int rule)
    {
        var number = view.Owners.Rules[rule].Attribute.Number;
        if (number == SystemAttributes.Opener.Number)
        {
            return texts.NumberOf(rule, recordEvent.OpenerUtf8);
        }

        var owner = fold?.Get(number) ?? EventRow.After(recordEvent).Get(number);
        return owner.IsMissing ? OwnerNumbers.Nobody
            : owner.TryGetUtf8(out var text) ? texts.NumberOf(rule, text)
            : texts.NumberOf(rule, Encoding.UTF8.GetBytes(owner.AsText));
    }
}
