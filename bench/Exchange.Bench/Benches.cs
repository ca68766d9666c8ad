using Exchange.Bench.Policies;
using Exchange.Bench.Records;
using Exchange.Bench.Store;

namespace Exchange.Bench;

/// <summary>All benches, in the order of the report.</summary>
internal static class Benches
{
    public static IReadOnlyList<NamedBench> All { get; } =
    [
        new("append", AppendBench.RunAsync),
        new("append-group", GroupBench.RunAsync),
        new("replay", ReplayBench.RunAsync),
        new("verify", VerifyBench.RunAsync),
        new("push", PushBench.RunAsync),
        new("pull", PullBench.RunAsync),
        new("memory", MemoryBench.RunAsync),
        new(PolicyBenchmark.Name, (stage, cancellationToken) => new PolicyBenchmark(stage.Rounds).RunAsync(cancellationToken)),
    ];
}
