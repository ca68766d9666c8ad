using Exchange.EventStore.Appending;

namespace Exchange.Bench.Store;

/// <summary>A partition filled with events of streams of ten events each, for the benches that read it.</summary>
internal static class FilledPartition
{
    private const int EventsPerStream = 10;
    private const int EventsPerAppend = 2_000;
    private const int Round = int.MaxValue;

    /// <summary>The first audit partition, which nothing else writes to here: its events are those made here, and no others.</summary>
    public static async Task<int> FillAsync(StoreStage store, int events, CancellationToken cancellationToken)
    {
        var partition = store.Log.Partitions.Audits[0];
        var head = (await store.Log.Reader.ReadHeadsAsync([partition], cancellationToken))[partition];
        for (var first = (int)head; first < events; first += EventsPerAppend)
        {
            var made = Enumerable.Range(first, Math.Min(EventsPerAppend, events - first)).Select(number => MadeEvents.Event(StreamOf(number), number));
            var result = await store.Log.AppendAsync(
                new AppendSubmission { Units = [new EventUnit(partition, [.. made]) { Caller = "bench-department", Client = "bench-client" }] }, cancellationToken);
            _ = result.Refusal is { } refusal ? throw new InvalidOperationException(refusal.Message) : result;
        }

        await using var analyze = store.Plain.CreateCommand("VACUUM ANALYZE log.event");
        await analyze.ExecuteNonQueryAsync(cancellationToken);
        return partition;
    }

    // The events of a stream are spread over a stretch of the partition, as those of a record are over days.
    private static Guid StreamOf(int number) => MadeEvents.Stream(Round, (number / (1_000 * EventsPerStream) * 1_000) + (number % 1_000));
}
