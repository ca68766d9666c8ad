using System.Collections.Concurrent;
using System.Diagnostics;
using Exchange.Bench.Limits;
using Exchange.Bench.Reporting;
using Exchange.EventStore;
using Exchange.EventStore.Appending;
using EventLog = Exchange.EventStore.EventLog;

namespace Exchange.Bench.Store;

/// <summary>
/// The event store alone: 64 callers, each appending 5 events to a stream of its own at the version it knows, and waiting before the next. The limit is
/// one writer that has all rows at hand and inserts them with `unnest` into a table like the log's, in transactions of the very sizes the store made. A third
/// row tells what two of these, one right after the other, take at the same percentile: a caller who comes when one has just begun waits for it and the next.
/// </summary>
internal static class GroupBench
{
    private const int Callers = 64;
    private const int EventsPerAppend = 5;
    private const double Goal = 0.5;
    private const double P99Milliseconds = 8;
    private const int WarmUps = 2;

    public static async Task<IReadOnlyList<BenchResult>> RunAsync(BenchStage stage, CancellationToken cancellationToken)
    {
        var store = await stage.StoreAsync(cancellationToken);
        var appends = stage.Size(800, 150);
        await using var limit = new UnnestLimit(store.ConnectionString);
        await limit.PrepareAsync(cancellationToken);
        var (rates, latencies, pairs) = (new List<BenchRound>(), new List<BenchRound>(), new List<BenchRound>());
        for (var round = 1 - WarmUps; round <= stage.Rounds; round++)
        {
            await store.Plain.CheckpointAsync(cancellationToken);
            var (since, waited) = (DateTimeOffset.UtcNow, new ConcurrentBag<double>());
            var watch = Stopwatch.StartNew();
            await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => AppendAsync(store.Log, MadeEvents.Stream(-1 - round, caller), appends, waited, cancellationToken), cancellationToken)));
            var seconds = watch.Elapsed.TotalSeconds;
            var events = Callers * appends * EventsPerAppend;
            var inserted = await limit.RunAsync(since, events, cancellationToken);
            if (round > 0)
            {
                rates.Add(new BenchRound(events / seconds, events / inserted));
                latencies.Add(new BenchRound(Statistics.Percentile(waited, 0.99), null));
                pairs.Add(new BenchRound(Statistics.Percentile(limit.Pairs, 0.99), null));
                stage.Tell(
                    "append-group",
                    round,
                    rates[^1],
                    $"{limit.Transactions} transactions; p50 {Statistics.Percentile(waited, 0.5):0.0} ms, p99 {latencies[^1].Hub:0.0} ms, of the limit's pairs {pairs[^1].Hub:0.0} ms");
            }
        }

        return
        [
            BenchResult.Of("append-group", "events/s", Goal, rates),
            BenchResult.AtMost("append-group/p99", "ms/append", P99Milliseconds, latencies),
            BenchResult.AtMost("append-group/pairs", "ms/two commits of the limit, p99", P99Milliseconds, pairs) with { Informs = true },
        ];
    }

    private static async Task AppendAsync(EventLog log, Guid stream, int appends, ConcurrentBag<double> waited, CancellationToken cancellationToken)
    {
        var partition = log.Partitions.ForRecord(stream);
        for (var append = 0; append < appends; append++)
        {
            var version = append * EventsPerAppend;
            var events = Enumerable.Range(version, EventsPerAppend).Select(number => MadeEvents.Event(stream, number) with { ExpectedVersion = number });
            var start = Stopwatch.GetTimestamp();
            var result = await log.AppendAsync(
                new AppendSubmission { Units = [new EventUnit(partition, [.. events]) { Caller = "bench-department", Client = "bench-client" }] }, cancellationToken);
            waited.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            if (result.Refusal is { } refusal)
            {
                throw new InvalidOperationException(refusal.Message);
            }
        }
    }
}
