using System.Diagnostics;
using Exchange.Bench.Limits;
using Exchange.Bench.Reporting;
using Exchange.EventStore;
using Exchange.EventStore.Appending;
using EventLog = Exchange.EventStore.EventLog;

namespace Exchange.Bench.Store;

/// <summary>
/// The event store alone: appends of 500 events of new streams over all record partitions, hash chain on, by 1 and by 8 writers who each wait for their
/// append before the next. The limit is binary COPY of the same event rows, 10 000 per commit, by 1 and by 2 connections, whichever is faster. Another row
/// tells what is left of that limit to one writer who waits: COPY of the same rows, 500 per commit as each append has them, one commit after the other.
/// </summary>
internal static class AppendBench
{
    private const int EventsPerAppend = 500;
    private const double Goal = 0.6;
    private const int WarmUps = 2;

    private static readonly int[] Writers = [1, 8];
    private static readonly int[] Connections = [1, 2];

    public static async Task<IReadOnlyList<BenchResult>> RunAsync(BenchStage stage, CancellationToken cancellationToken)
    {
        var store = await stage.StoreAsync(cancellationToken);
        var events = stage.Size(200_000, 20_000);
        var results = new List<BenchResult>();
        await using var one = new CopyLimit(store.ConnectionString, "append_waiting", [1], [("log.event", "recorded_at")], EventsPerAppend);
        await one.PrepareAsync(cancellationToken);
        var waits = new List<BenchRound>();
        foreach (var writers in Writers)
        {
            await using var limit = new CopyLimit(store.ConnectionString, $"append_{writers}", Connections, [("log.event", "recorded_at")]);
            await limit.PrepareAsync(cancellationToken);
            var rounds = await stage.MeasureAsync($"append/{writers}", WarmUps, async round =>
            {
                var made = Make(store.Log.Partitions, (writers * 1000) + round, events, writers);
                await limit.CheckpointAsync(cancellationToken);
                var since = DateTimeOffset.UtcNow;
                var seconds = await AppendAsync(store.Log, made, cancellationToken);
                await limit.TakeAsync(since, events, cancellationToken);
                var copied = await limit.WriteAsync(cancellationToken);
                if (writers is 1)
                {
                    await one.TakeAsync(since, events, cancellationToken);
                    waits.Add(new BenchRound(events / await one.WriteAsync(cancellationToken), events / copied));
                }

                return (new BenchRound(events / seconds, events / copied), "");
            });
            results.Add(BenchResult.Of($"append/{writers}", "events/s", Goal, rounds));
        }

        results.Add(BenchResult.Of("append/waiting", "events/s", Goal, waits[WarmUps..]) with { Informs = true });
        return results;
    }

    private static AppendSubmission[][] Make(PartitionMap partitions, int round, int events, int writers) =>
    [
        .. Enumerable.Range(0, events / EventsPerAppend).Select(number => MadeEvents.Spread(partitions, round, number * EventsPerAppend, EventsPerAppend))
            .Index().GroupBy(item => item.Index % writers, item => item.Item).Select(group => group.ToArray()),
    ];

    private static async Task<double> AppendAsync(EventLog log, AppendSubmission[][] made, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(made.Select(appends => Task.Run(
            async () =>
            {
                foreach (var append in appends)
                {
                    var result = await log.AppendAsync(append, cancellationToken);
                    if (result.Refusal is { } refusal)
                    {
                        throw new InvalidOperationException(refusal.Message);
                    }
                }
            },
            cancellationToken)));
        return watch.Elapsed.TotalSeconds;
    }
}
