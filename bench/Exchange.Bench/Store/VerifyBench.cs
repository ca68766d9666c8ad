using System.Diagnostics;
using Exchange.Bench.Reporting;
using Exchange.EventStore.Chain;

namespace Exchange.Bench.Store;

/// <summary>Verification of a partition's hash chain from its first event, one partition at a time: the verifier uses one core beside the database's.</summary>
internal static class VerifyBench
{
    private const double EventsPerSecond = 200_000;
    private const int WarmUps = 3;

    public static async Task<IReadOnlyList<BenchResult>> RunAsync(BenchStage stage, CancellationToken cancellationToken)
    {
        var store = await stage.StoreAsync(cancellationToken);
        var partition = await FilledPartition.FillAsync(store, stage.Size(1_000_000, 60_000), cancellationToken);
        await using var verifier = new ChainVerifier(store.ConnectionString);
        var rounds = await stage.MeasureAsync("verify", WarmUps, async _ =>
        {
            var watch = Stopwatch.StartNew();
            var report = await verifier.VerifyAsync(partition, new Dictionary<long, ReadOnlyMemory<byte>>(), cancellationToken);
            watch.Stop();
            return report.Fault is { } fault
                ? throw new InvalidOperationException($"the chain is broken: {fault}")
                : (new BenchRound(report.Through / watch.Elapsed.TotalSeconds, null), "");
        });
        return [BenchResult.AtLeast("verify", "events/s and core", EventsPerSecond, rounds)];
    }
}
