using Exchange.Bench.Catalog;
using Exchange.Bench.Feed;
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
        new("push-changes", ChangesBench.RunAsync),
        new("push-unary", UnaryBench.RunAsync),
        new("pull", PullBench.RunAsync),
        new("point", PointBench.RunAsync),
        new("search", SearchBench.RunAsync),
        new("follow-catchup", CatchUpBench.RunAsync),
        new("follow-latency", LatencyBench.RunAsync),
        new("followers-idle", IdleFollowersBench.RunAsync),
        new("growth", GrowthBench.RunAsync),
        new("memory", MemoryBench.RunAsync),
        new(PolicyBenchmark.Name, (stage, cancellationToken) => new PolicyBenchmark(stage.Rounds, stage.Size(8, 3)).RunAsync(cancellationToken)),
        new("promptness", PromptnessBench.RunAsync),
        new("catalog-search", CatalogSearchBench.RunAsync),
    ];
}
