using System.Runtime.CompilerServices;
using Exchange.EventStore;
using Exchange.EventStore.Reading;
using Exchange.EventStore.Sealing;
using Exchange.Server.Records.Events;

namespace Exchange.Server.Feed;

/// <summary>
/// Turns stored events into what one reader may see of them. Most events tell enough by themselves; for the others the record's history is folded,
/// those of many records in one query.
/// </summary>
/// <param name="log">The log.</param>
/// <param name="maxChangeBytes">Size of a change at most.</param>
/// <param name="maxHistoryBytes">Bytes of records kept at once beside their events.</param>
internal sealed class ChangeProjector(EventLog log, int maxChangeBytes, long maxHistoryBytes)
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
        var (sight, writer) = (new EventSight(view), new ChangeWriter(view, maxChangeBytes));
        List<Rest> rests = [];
        buffer.Clear();
        foreach (var slice in slices)
        {
            var told = 0;
            foreach (var run in Tell(slice, sight, writer, buffer))
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
            await foreach (var run in TellRestAsync(view, rests, sight, writer, cancellationToken))
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
        var (sight, writer, buffer) = (new EventSight(view), new ChangeWriter(view, maxChangeBytes), new WireBuffer());
        var runs = new List<ChangeRun>(slices.Count);
        foreach (var slice in slices)
        {
            var told = 0;
            buffer.Clear();
            foreach (var run in Tell(slice, sight, writer, buffer))
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
    private static IEnumerable<ChangeRun> Tell(PartitionSlice slice, EventSight sight, ChangeWriter writer, WireBuffer buffer)
    {
        var (ends, start, first, told) = (new int[slice.Events.Count], buffer.Length, 0, 0);
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
            }

            ends[told] = buffer.Length - start;
        }

        if (told > first)
        {
            yield return Run();
        }

        ChangeRun Run() => new(slice.Partition, slice.After + first, ends.AsMemory(first, told - first), buffer.Slice(start));
    }

    private async IAsyncEnumerable<ChangeRun> TellRestAsync(
        FeedView view, List<Rest> rests, EventSight sight, ChangeWriter writer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var rest in rests)
        {
            rest.Look(sight);
        }

        var keys = await log.Keys.LoadAsync([.. rests.SelectMany(rest => rest.SealedPlaces).Distinct()], cancellationToken);
        var histories = new RecordHistories(log.Reader.EnumerateStreamsAsync, log.Keys.LoadAsync, view.Plan.Plan.Resource, view.Wants, maxHistoryBytes);
        foreach (var rest in rests)
        {
            var (buffer, ends, after) = (new WireBuffer(), new List<int>(), rest.Slice.After + rest.From);
            for (var index = rest.From; index < rest.Slice.Events.Count; index++)
            {
                await WriteAsync(rest, index, keys, histories, sight, writer, buffer, cancellationToken);
                ends.Add(buffer.Length);
                if (buffer.Length >= RunBytes)
                {
                    yield return new ChangeRun(rest.Slice.Partition, after, ends.ToArray(), buffer.WrittenMemory);
                    (buffer, after) = (new WireBuffer(), after + ends.Count);
                    ends.Clear();
                }
            }

            yield return new ChangeRun(rest.Slice.Partition, after, ends.ToArray(), buffer.WrittenMemory);
            histories.Forget();
        }
    }

    private static async ValueTask WriteAsync(
        Rest rest, int index, SealedValueReader keys, RecordHistories histories, EventSight sight, ChangeWriter writer, WireBuffer buffer, CancellationToken cancellationToken)
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
            return;
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
        }
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
