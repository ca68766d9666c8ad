using System.Runtime.CompilerServices;
using Exchange.Catalog.Access;
using Exchange.EventStore;
using Exchange.EventStore.Reading;
using Exchange.Policy.Conditions;
using Exchange.Protos.V1;
using Exchange.Server.Records.Events;

namespace Exchange.Server.Feed;

/// <summary>
/// Turns stored events into what one reader may see of them. Most events tell enough by themselves; for the others the record's history is folded,
/// those of many records in one query.
/// </summary>
/// <param name="log">The log.</param>
/// <param name="maxHistoryBytes">Bytes of records kept at once beside their events.</param>
internal sealed class ChangeProjector(EventLog log, long maxHistoryBytes)
{
    /// <summary>
    /// Every event of every slice in turn, with what the reader sees of it, or null. One change is made after the other: hold those no longer than needed.
    /// </summary>
    public async IAsyncEnumerable<(StoredEvent Event, Change? Change)> ProjectAsync(
        FeedView view, IReadOnlyList<PartitionSlice> slices, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pages = slices.Select(slice => slice.Events.Select(stored => Look(view, stored)).ToArray()).ToList();
        var sealedPlaces = pages.SelectMany(page => page).OfType<EventLook>().Where(look => IsToOpen(view, look)).Select(look => look.Place);
        var keys = await log.Keys.LoadAsync([.. sealedPlaces.Distinct()], cancellationToken);
        var histories = new RecordHistories(log.Reader.EnumerateStreamsAsync, log.Keys.LoadAsync, view.Plan.Plan.Resource, view.Wants, maxHistoryBytes);
        foreach (var (slice, page) in slices.Zip(pages))
        {
            foreach (var (index, stored) in slice.Events.Index())
            {
                if (page[index] is { NeedsHistory: true } look)
                {
                    var ahead = page.Skip(index).OfType<EventLook>().Where(later => later.NeedsHistory).Select(later => later.Event.Stored.StreamId);
                    var fold = await histories.BeforeAsync(stored, ahead, cancellationToken);
                    var before = stored.Version is 1 ? null : Decide(view, fold);
                    var recordEvent = histories.Pass(look.Event);
                    yield return (stored, ChangeWriter.Write(view, recordEvent, before, Decide(view, fold), fold));
                }
                else
                {
                    if (histories.Keeps(stored.StreamId) && (page[index]?.Event ?? RecordEvent.Parse(stored)) is { } passed)
                    {
                        histories.Pass(passed);
                    }

                    yield return (stored, page[index] is { } seen ? Write(view, seen, keys) : null);
                }
            }

            histories.Forget();
        }
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

    private static Change? Write(FeedView view, EventLook look, EventStore.Sealing.SealedValueReader keys) =>
        ChangeWriter.Write(view, IsToOpen(view, look) ? look.Event.Unseal(keys) : look.Event, look.Before, look.After, fold: null);
}
