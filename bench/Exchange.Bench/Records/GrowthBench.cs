using Exchange.Bench.Hubs;
using Exchange.Bench.Limits;
using Exchange.Bench.Reporting;

namespace Exchange.Bench.Records;

/// <summary>
/// How the rates of push and pull change as a hub of its own grows from ten thousand records to a hundred times as many (quick: from four thousand to ten
/// times as many). The limit is how the rates of COPY and COPY TO change with the same rows. A round pushes as many more as there are at the smaller size, and
/// pulls all there are. The hub is warmed up on another resource first, so its log holds those records' events at both sizes.
/// </summary>
internal static class GrowthBench
{
    private const double Goal = 0.9;

    private static readonly BenchResource Resource = new("grown");
    private static readonly BenchResource Other = new("warm");
    private static readonly int[] Connections = [1, 2];

    public static async Task<IReadOnlyList<BenchResult>> RunAsync(BenchStage stage, CancellationToken cancellationToken)
    {
        await using var hub = await stage.StartHubAsync("growth", cancellationToken);
        await hub.PublishAsync(Resource, cancellationToken);
        await hub.PublishAsync(Other, cancellationToken);
        var (warmUps, atOnce) = (stage.Size(5, 2), AtOnce(stage));
        await PushAsync(hub, Other, 0, warmUps * atOnce, cancellationToken);
        var reader = await hub.City.DepartmentAsync(HubStage.Reader, cancellationToken);
        for (var i = 0; i < warmUps; i++)
        {
            await PullBench.PullAsync(reader, Other, "", cancellationToken);
        }

        var small = await MeasureAsync(stage, hub, "small", 0, cancellationToken);
        var before = stage.Rounds * atOnce;
        for (var first = before; first < stage.Size(100, 10) * atOnce; first += 5 * atOnce)
        {
            await PushAsync(hub, Resource, first, 5 * atOnce, cancellationToken);
            before = first + (5 * atOnce);
        }

        var large = await MeasureAsync(stage, hub, "large", before, cancellationToken);
        return
        [
            BenchResult.Of("growth/push", "rate when large / when small", Goal, [.. small.Zip(large, (a, b) => new BenchRound(b.Push.Hub / a.Push.Hub, b.Push.Limit / a.Push.Limit))]),
            BenchResult.Of("growth/pull", "rate when large / when small", Goal, [.. small.Zip(large, (a, b) => new BenchRound(b.Pull.Hub / a.Pull.Hub, b.Pull.Limit / a.Pull.Limit))]),
        ];
    }

    private static async Task<List<(BenchRound Push, BenchRound Pull)>> MeasureAsync(BenchStage stage, HubStage hub, string size, int first, CancellationToken cancellationToken)
    {
        await using var limit = new CopyLimit(hub.ConnectionString, $"growth_{size}", Connections, [("log.event", "recorded_at"), (Resource.Table, "create_time")]);
        await limit.PrepareAsync(cancellationToken);
        var (rounds, atOnce) = (new List<(BenchRound Push, BenchRound Pull)>(), AtOnce(stage));
        for (var round = 1; round <= stage.Rounds; round++)
        {
            await limit.CheckpointAsync(cancellationToken);
            var since = DateTimeOffset.UtcNow;
            var pushed = await PushAsync(hub, Resource, first + ((round - 1) * atOnce), atOnce, cancellationToken);
            await limit.TakeAsync(since, atOnce, cancellationToken);
            var copied = await limit.WriteAsync(cancellationToken);
            rounds.Add((new BenchRound(atOnce / pushed, atOnce / copied), await PullAsync(hub, 10 * atOnce, cancellationToken)));
            stage.Tell($"growth/push {size}", round, rounds[^1].Push);
            stage.Tell($"growth/pull {size}", round, rounds[^1].Pull);
        }

        return rounds;
    }

    private static int AtOnce(BenchStage stage) => stage.Size(10_000, 4_000);

    /// <summary>Pulls everything, again and again while it is little.</summary>
    private static async Task<BenchRound> PullAsync(HubStage hub, int least, CancellationToken cancellationToken)
    {
        var reader = await hub.City.DepartmentAsync(HubStage.Reader, cancellationToken);
        var (all, pulled, read) = (0L, 0.0, 0.0);
        while (all < least)
        {
            var (rows, seconds) = await PullBench.PullAsync(reader, Resource, "", cancellationToken);
            all += rows;
            pulled += seconds;
            read += await ReadLimit.ReadAsync(hub.Plain, $"SELECT record_id, version, {BenchResource.Columns} FROM {Resource.Table}", cancellationToken);
        }

        return new BenchRound(all / pulled, all / read);
    }

    private static async Task<double> PushAsync(HubStage hub, BenchResource resource, int first, int count, CancellationToken cancellationToken) => await HubStage.PushAsync(
        await hub.City.DepartmentAsync(HubStage.Filler, cancellationToken),
        resource.Header(HubStage.Filler, $"{resource.Id}-{first}"),
        MadeRecords.Records(resource.Id, first, count),
        cancellationToken);
}
