using System.Runtime.CompilerServices;
using Exchange.EventStore;
using Exchange.EventStore.Reading;
using Exchange.EventStore.Sealing;
using Exchange.Server.Audit;
using Exchange.Server.Records.Events;

namespace Exchange.Server.Feed;

/// <summary>
/// Turns stored events into what one reader may see of them. Most events tell enough by themselves; for the others the record's history is folded,
/// those of many records in one query.
/// </summary>
/// <param name="log">The log.</param>
/// <param name="maxChangeBytes">Size of a change at most.</param>
/// <param name="maxHistoryBytes">Bytes of records kept at once beside their events.</param>
/// <param name="numbers">Numbers of departments.</param>
internal sealed class ChangeProjector(EventLog log, int maxChangeBytes, long maxHistoryBytes, OwnerNumbers numbers)
{
    // Bytes of changes after which they are given on.
    private const int RunBytes = 1 << 16;

    /// <summary>
    /// Every event of every slice, those of each partition in turn, with what the reader sees of it. What events tell by themselves is written into the
    /// buffer, from its beginning; nothing that was given before may be needed any more. One run is made after the other: hold those no longer than needed.
    /// </summary>
    public async IAsyncEnumerable<ChangeRun> ProjectAsync(
        FeedView view, IReadOnlyList<PartitionSlice> slices, WireBuffer buffer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (sight, writer, owners) = (new EventSight(view), new ChangeWriter(view, maxChangeBytes), new ChangeOwners(view, numbers));
        List<Rest> rests = [];
        buffer.Clear();
        foreach (var slice in slices)
        {
            var told = 0;
            foreach (var run in Tell(slice, sight, writer, owners, buffer))
            {
                told += run.Events;
                yield return run;
            }

            if (told < slice.Events.Count)
            {
                rests.Add(new Rest(slice, told));
            }
        }

        if (rests.Count > 0)
        {
            await foreach (var run in TellRestAsync(view, rests, sight, writer, owners, cancellationToken))
            {
                yield return run;
            }
        }
    }

    /// <summary>
    /// The same, for events that tell everything by themselves, and with no value that was sealed; null when one of them does not. The runs hold their
    /// changes and nothing else.
    /// </summary>
    public IReadOnlyList<ChangeRun>? TryTell(FeedView view, IReadOnlyList<PartitionSlice> slices)
    {
        var (sight, writer, owners, buffer) = (new EventSight(view), new ChangeWriter(view, maxChangeBytes), new ChangeOwners(view, numbers), new WireBuffer());
        var runs = new List<ChangeRun>(slices.Count);
        foreach (var slice in slices)
        {
            var told = 0;
            buffer.Clear();
            foreach (var run in Tell(slice, sight, writer, owners, buffer))
            {
                told += run.Events;
                runs.Add(run.Copy());
            }

            if (told < slice.Events.Count)
            {
                return null;
            }
        }

        return runs;
    }

    // As far as the events tell by themselves.
    private static IEnumerable<ChangeRun> Tell(PartitionSlice slice, EventSight sight, ChangeWriter writer, ChangeOwners owners, WireBuffer buffer)
    {
        var (ends, start, first, told) = (new int[slice.Events.Count], buffer.Length, 0, 0);
        var sets = owners.AreAsked ? new OwnerSet[ends.Length] : [];
        for (; told < ends.Length; told++)
        {
            if (buffer.Length - start >= RunBytes)
            {
                yield return Run();
                (start, first) = (buffer.Length, told);
            }

            var looked = sight.Look(slice.Events[told]);
            if (looked is Sight.Sealed or Sight.Untold)
            {
                break;
            }

            if (looked is Sight.Told)
            {
                writer.Write(buffer, sight, fold: null);
                if (sets.Length > 0)
                {
                    sets[told] = owners.Of(sight, fold: null);
                }
            }

            ends[told] = buffer.Length - start;
        }

        if (told > first)
        {
            yield return Run();
        }

        ChangeRun Run() => new(
            slice.Partition, slice.After + first, ends.AsMemory(first, told - first), buffer.Slice(start), sets.Length > 0 ? sets.AsMemory(first, told - first) : default);
    }

    private async IAsyncEnumerable<ChangeRun> TellRestAsync(
        FeedView view, List<Rest> rests, EventSight sight, ChangeWriter writer, ChangeOwners owners, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var rest in rests)
        {
            rest.Look(sight);
        }

        var keys = await log.Keys.LoadAsync([.. rests.SelectMany(rest => rest.SealedPlaces).Distinct()], cancellationToken);
        var histories = new RecordHistories(log.Reader.EnumerateStreamsAsync, log.Keys.LoadAsync, view.Plan.Plan.Resource, view.Wants, maxHistoryBytes);
        foreach (var rest in rests)
        {
            var (buffer, ends, sets, after) = (new WireBuffer(), new List<int>(), new List<OwnerSet>(), rest.Slice.After + rest.From);
            for (var index = rest.From; index < rest.Slice.Events.Count; index++)
            {
                sets.Add(await WriteAsync(rest, index, keys, histories, sight, writer, owners, buffer, cancellationToken));
                ends.Add(buffer.Length);
                if (buffer.Length >= RunBytes)
                {
                    yield return new ChangeRun(rest.Slice.Partition, after, ends.ToArray(), buffer.WrittenMemory, owners.AreAsked ? sets.ToArray() : default);
                    (buffer, after) = (new WireBuffer(), after + ends.Count);
                    ends.Clear();
                    sets.Clear();
                }
            }

            yield return new ChangeRun(rest.Slice.Partition, after, ends.ToArray(), buffer.WrittenMemory, owners.AreAsked ? sets.ToArray() : default);
            histories.Forget();
        }
    }

    // Returns who owns what is shown.
    private static async ValueTask<OwnerSet> WriteAsync(
        Rest rest, int index, SealedValueReader keys, RecordHistories histories, EventSight sight, ChangeWriter writer, ChangeOwners owners, WireBuffer buffer,
        CancellationToken cancellationToken)
    {
        var stored = rest.Slice.Events[index];
        if (rest.SightOf(index) is Sight.Untold)
        {
            var fold = await histories.BeforeAsync(stored, rest.UntoldStreams(index), cancellationToken);
            sight.Look(stored);
            if (stored.Version > 1)
            {
                sight.DecideBefore(fold);
            }

            histories.Pass(RecordEvent.Parse(stored)!);
            sight.DecideAfter(fold);
            writer.Write(buffer, sight, fold);
            return owners.Of(sight, fold);
        }

        if (histories.Keeps(stored.StreamId) && RecordEvent.Parse(stored) is { } passed)
        {
            histories.Pass(passed);
        }

        if (rest.SightOf(index) is not Sight.Hidden)
        {
            if (sight.Look(stored) is Sight.Sealed)
            {
                sight.Event.Unseal(keys);
            }

            writer.Write(buffer, sight, fold: null);
            return owners.Of(sight, fold: null);
        }

        return default;
    }

    // What is left of a slice from the first event that does not tell everything by itself.
    private sealed class Rest(PartitionSlice slice, int from)
    {
        private readonly Sight[] sights = new Sight[slice.Events.Count - from];

        public PartitionSlice Slice => slice;

        public int From => from;

        public IEnumerable<(int Partition, Guid StreamId)> SealedPlaces =>
            sights.Index().Where(item => item.Item is Sight.Sealed).Select(item => (slice.Partition, slice.Events[from + item.Index].StreamId));

        public void Look(EventSight sight)
        {
            for (var index = 0; index < sights.Length; index++)
            {
                sights[index] = sight.Look(slice.Events[from + index]);
            }
        }

        public Sight SightOf(int index) => sights[index - from];

        public IEnumerable<Guid> UntoldStreams(int first) =>
            sights.Index().Skip(first - from).Where(item => item.Item is Sight.Untold).Select(item => slice.Events[from + item.Index].StreamId);
    }
}
