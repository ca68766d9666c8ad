using System.Runtime.InteropServices;

namespace Exchange.Server.Records.Push;

/// <summary>
/// Which records the batches of one stream that are under way touch, so that a batch waits for those before it that touch one of its records. Only
/// the stream's reading side uses it.
/// </summary>
internal sealed class RecordsUnderWay
{
    private readonly Dictionary<Guid, Begun> lastOf = [];
    private readonly List<Begun> begun = [];

    /// <summary>Notes a batch; its push is begun with those it has to wait for. True of a push means stored.</summary>
    public Task Begin(PreparedBatch batch, Func<IReadOnlyList<Task<bool>>, Task<bool>> push)
    {
        Forget();
        var entry = new Begun(batch.RecordIds);
        List<Task<bool>>? before = null;
        foreach (var id in entry.RecordIds)
        {
            if (id == Guid.Empty)
            {
                continue;
            }

            ref var last = ref CollectionsMarshal.GetValueRefOrAddDefault(lastOf, id, out var isKnown);
            if (isKnown && last != entry && before?.Contains(last!.Push) is not true)
            {
                (before ??= []).Add(last!.Push);
            }

            last = entry;
        }

        begun.Add(entry);
        entry.Push = push(before ?? []);
        return entry.Push;
    }

    // What failed stays: nothing that touches its records is begun after it.
    private void Forget() => begun.RemoveAll(entry =>
    {
        if (!entry.Push.IsCompletedSuccessfully || !entry.Push.Result)
        {
            return false;
        }

        foreach (var id in entry.RecordIds)
        {
            if (lastOf.TryGetValue(id, out var last) && last == entry)
            {
                lastOf.Remove(id);
            }
        }

        return true;
    });

    private sealed class Begun(Guid[] recordIds)
    {
        public Guid[] RecordIds => recordIds;

        public Task<bool> Push { get; set; } = Task.FromResult(false);
    }
}
