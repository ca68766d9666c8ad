using Exchange.Catalog.Access;
using Exchange.EventStore;
using Exchange.EventStore.Reading;
using Exchange.Policy.Conditions;
using Exchange.Protos.V1;
using Exchange.Server.Records.Events;

namespace Exchange.Server.Feed;

/// <summary>
/// Turns stored events into what one reader may see of them. Most events tell enough by themselves; for the others the record's history is folded,
/// those of a whole page in one query a partition.
/// </summary>
internal sealed class ChangeProjector(EventLog log)
{
    /// <summary>One entry for each event of each slice: what the reader sees of it, or null.</summary>
    public async Task<IReadOnlyList<Change?[]>> ProjectAsync(FeedView view, IReadOnlyList<PartitionSlice> slices, CancellationToken cancellationToken)
    {
        List<Change?[]> changes = [.. slices.Select(slice => new Change?[slice.Events.Count])];
        var pages = slices.Select(slice => slice.Events.Select(stored => Look(view, stored)).ToArray()).ToList();
        var looks = pages.SelectMany(page => page).OfType<EventLook>().ToList();
        var histories = await RecordHistories.ReadAsync(
            log, view.Plan.Plan.Resource, looks.Where(look => look.NeedsHistory).Select(look => look.Place), view.Wants, cancellationToken);
        var keys = await RecordHistories.LoadKeysAsync(log, looks.Where(look => IsToOpen(view, look)).Select(look => look.Event), cancellationToken);
        foreach (var (number, page) in pages.Index())
        {
            foreach (var (index, look) in page.Index())
            {
                changes[number][index] = look switch
                {
                    null => null,
                    { NeedsHistory: true } => FromHistory(view, look, histories),
                    _ => ChangeWriter.Write(view, IsToOpen(view, look) ? look.Event.Unseal(keys) : look.Event, look.Before, look.After, fold: null),
                };
            }
        }

        return changes;
    }

    // Null: nothing of the event can be seen.
    private static EventLook? Look(FeedView view, StoredEvent stored)
    {
        var plan = view.Plan.Plan;
        if (RecordEvent.Parse(stored) is not { } recordEvent || recordEvent.Resource != plan.Resource.Id.Value)
        {
            return null;
        }

        if (recordEvent.IsProposal && !view.ConditionNumbers.Contains(SystemAttributes.UpdateTime.Number))
        {
            return null;
        }

        if (!EventRow.Tells(recordEvent, view.ConditionNumbers))
        {
            return new EventLook(recordEvent, null, null, NeedsHistory: true);
        }

        var before = recordEvent.Stored.Version is 1 ? null : Decide(view, EventRow.Before(recordEvent));
        var after = Decide(view, EventRow.After(recordEvent));
        return before is null && after is null
            ? null
            : new EventLook(recordEvent, before, after, recordEvent.Stored.Version > 1 && ShowsWhatDidNotChange(view, recordEvent, before, after));
    }

    private static short[]? Decide<TRow>(FeedView view, in TRow row)
        where TRow : IRow
    {
        var rules = new short[view.Plan.Plan.Fields.Length];
        return view.TryDecide(row, rules) ? rules : null;
    }

    // A record that enters arrives whole, and a condition may bring a value into sight that did not change itself.
    private static bool ShowsWhatDidNotChange(FeedView view, RecordEvent recordEvent, short[]? before, short[]? after)
    {
        if (after is null)
        {
            return false;
        }

        return before is null || view.Fields.Any(index =>
            ChangeWriter.IsNewlyShown(view, index, before[index], after[index])
            && !ChangeWriter.Writes(recordEvent, view.Plan.Plan.Fields[index].Field.Number));
    }

    private static bool IsToOpen(FeedView view, EventLook look) =>
        look is { NeedsHistory: false, After: { } after } && look.Event.IsSealed && view.Fields.Any(index =>
            after[index] is not PlanEvaluator.Denied && look.Event.SealedFields.Contains(view.Plan.Plan.Fields[index].Field.Number));

    private static Change? FromHistory(FeedView view, EventLook look, RecordHistories histories)
    {
        var (stream, version) = (look.Event.Stored.StreamId, look.Event.Stored.Version);
        var fold = histories.Before(stream, version);
        var before = version is 1 ? null : Decide(view, fold);
        var recordEvent = histories.Next(stream);
        var after = Decide(view, fold);
        return ChangeWriter.Write(view, recordEvent, before, after, fold);
    }
}
