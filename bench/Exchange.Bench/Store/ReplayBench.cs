using System.Diagnostics;
using Exchange.Bench.Limits;
using Exchange.Bench.Reporting;
using Exchange.EventStore.Projections;
using Exchange.EventStore.Reading;
using Microsoft.Extensions.Logging.Abstractions;

namespace Exchange.Bench.Store;

/// <summary>
/// The event store alone: all events of a partition read through a subscription, and an async snapshot projection rebuilt from them, table writes and
/// checkpoints included. The limit of both is one plain query of the same rows, every column taken into a value.
/// </summary>
internal static class ReplayBench
{
    private const double ReadGoal = 0.5;
    private const double RebuildGoal = 0.2;
    private const int WarmUps = 3;
    private const int MaxEvents = 2_000;

    public static async Task<IReadOnlyList<BenchResult>> RunAsync(BenchStage stage, CancellationToken cancellationToken)
    {
        var store = await stage.StoreAsync(cancellationToken);
        var events = stage.Size(1_000_000, 60_000);
        var partition = await FilledPartition.FillAsync(store, events, cancellationToken);
        var projection = new SnapshotProjection(partition);
        await using var runner = new ProjectionRunner(store.Log, projection, NullLogger.Instance);
        var built = projection.NextBuild;
        await runner.StartAsync(cancellationToken);
        await built;
        var (reads, rebuilds) = (new List<BenchRound>(), new List<BenchRound>());
        for (var round = 1 - WarmUps; round <= stage.Rounds; round++)
        {
            var read = await ReadAsync(store, partition, events, cancellationToken);
            var queried = await EventQuery.ReadAsync(store.Plain, [partition], events, cancellationToken);
            var rebuilt = await RebuildAsync(runner, projection, cancellationToken);
            if (round > 0)
            {
                reads.Add(new BenchRound(events / read, events / queried));
                stage.Tell("replay/read", round, reads[^1]);
                rebuilds.Add(new BenchRound(events / rebuilt, events / queried));
                stage.Tell("replay/rebuild", round, rebuilds[^1]);
            }
        }

        return [BenchResult.Of("replay/read", "events/s", ReadGoal, reads), BenchResult.Of("replay/rebuild", "events/s", RebuildGoal, rebuilds)];
    }

    private static async Task<double> ReadAsync(StoreStage store, int partition, int events, CancellationToken cancellationToken)
    {
        var (count, options) = (0, new SubscriptionOptions { MaxEvents = MaxEvents, StopAtHead = true });
        var watch = Stopwatch.StartNew();
        await foreach (var batch in store.Log.SubscribeAsync(new Dictionary<int, long> { [partition] = 0 }, options, cancellationToken))
        {
            count += batch.Slices.Sum(slice => slice.Events.Count);
        }

        return count == events ? watch.Elapsed.TotalSeconds : throw new InvalidOperationException($"{count} of {events} events were read");
    }

    private static async Task<double> RebuildAsync(ProjectionRunner runner, SnapshotProjection projection, CancellationToken cancellationToken)
    {
        var built = projection.NextBuild;
        var watch = Stopwatch.StartNew();
        await runner.RebuildAsync(cancellationToken);
        await built.WaitAsync(TimeSpan.FromMinutes(10), cancellationToken);
        return watch.Elapsed.TotalSeconds;
    }
}
