using System.Diagnostics;
using Exchange.Bench.Hubs;
using Exchange.Bench.Reporting;
using Exchange.Clients.Records;
using Exchange.Protos.V1;

namespace Exchange.Bench.Feed;

/// <summary>
/// From commit to delivery with 100 followers of 10 departments, each department with a plan of its own: 500 records/s that all of them may see; and 5 000
/// records/s of a resource for which each department has a grant with a row condition, so that every record goes to the ten followers of one department
/// and 50 000 changes/s are delivered. The clock runs from the time stored with the event, which is before the commit, until the client has the change.
/// </summary>
internal static class LatencyBench
{
    private const int FollowersEach = 10;
    private const double P50Milliseconds = 30;
    private const double P99Milliseconds = 200;
    private const double LeastShare = 0.95;
    private const int WarmUps = 1;

    // What a pushing system gathers before it sends.
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(20);

    private static readonly BenchResource Open = new("open");
    private static readonly BenchResource Part = new("part") { IsConditional = true };

    public static async Task<IReadOnlyList<BenchResult>> RunAsync(BenchStage stage, CancellationToken cancellationToken)
    {
        await using var hub = await stage.StartHubAsync("latency", cancellationToken);
        await hub.PublishAsync(Open, cancellationToken);
        await hub.PublishAsync(Part, cancellationToken);
        await hub.City.DepartmentAsync(HubStage.Filler, cancellationToken);
        return
        [
            .. await RunAsync(stage, hub, "follow-latency/all", Open, recordsPerSecond: 500, share: 1, cancellationToken),
            .. await RunAsync(stage, hub, "follow-latency/some", Part, recordsPerSecond: 5_000, share: 0.1, cancellationToken),
        ];
    }

    private static async Task<BenchResult[]> RunAsync(
        BenchStage stage, HubStage hub, string name, BenchResource resource, int recordsPerSecond, double share, CancellationToken cancellationToken)
    {
        await using var followers = new Followers();
        foreach (var (i, district) in MadeRecords.Districts.Index())
        {
            var department = $"bench-follower-{i}";
            var client = await hub.City.DepartmentAsync(department, cancellationToken);
            if (resource.IsConditional)
            {
                await hub.City.GrantAsync(resource, HubStage.Filler, department, $"{BenchResource.District} = \"{district}\"", cancellationToken);
            }

            await followers.OpenAsync(client, resource, FollowersEach, cancellationToken);
        }

        var (rates, p50, p99) = (new List<BenchRound>(), new List<BenchRound>(), new List<BenchRound>());
        var seconds = stage.Size(10, 1);
        for (var round = 1 - WarmUps; round <= stage.Rounds; round++)
        {
            var latencies = followers.CountAnew();
            var (records, took) = await PushAsync(hub, resource, round, recordsPerSecond, TimeSpan.FromSeconds(seconds), cancellationToken);
            await followers.WaitAsync((long)(records * followers.Count * share), cancellationToken);
            if (round > 0)
            {
                rates.Add(new BenchRound(records / took, null));
                p50.Add(new BenchRound(latencies.Percentile(0.5), null));
                p99.Add(new BenchRound(latencies.Percentile(0.99), null));
                stage.Tell($"{name}/p50", round, p50[^1]);
                stage.Tell($"{name}/p99", round, p99[^1], $"{records / took:#,0} records/s pushed, {latencies.Count / took:#,0} changes/s delivered to {followers.Count} followers");
            }
        }

        // Latencies count only where the hub took the records as fast as they were to come.
        return [BenchResult.AtLeast($"{name}/pushed", "records/s", LeastShare * recordsPerSecond, rates), BenchResult.AtMost($"{name}/p50", "ms from commit to delivery", P50Milliseconds, p50), BenchResult.AtMost($"{name}/p99", "ms from commit to delivery", P99Milliseconds, p99)];
    }

    /// <summary>Pushes at a steady rate, as long as no more than 64 batches wait for their receipts; how many, and how long it took until all were sent.</summary>
    private static async Task<(int Records, double Seconds)> PushAsync(HubStage hub, BenchResource resource, int round, int recordsPerSecond, TimeSpan time, CancellationToken cancellationToken)
    {
        var pusher = await hub.City.DepartmentAsync(HubStage.Filler, cancellationToken);
        var made = MadeRecords.Records($"{resource.Id}-{round}", 0, (int)(recordsPerSecond * time.TotalSeconds));
        await using var session = pusher.Records.OpenPush<int>(resource.Header(HubStage.Filler, $"{resource.Id}-{round}"), new PushOptions { InFlight = 64 }, (_, receipt) =>
            receipt.Results.All(result => result.Outcome is RecordOutcome.Accepted) ? ValueTask.CompletedTask : throw new InvalidOperationException("a record was not accepted"));
        using var timer = new PeriodicTimer(Beat);
        var watch = Stopwatch.StartNew();
        for (var next = 0; next < made.Length; await timer.WaitForNextTickAsync(cancellationToken))
        {
            for (var due = Math.Min(made.Length, (int)(watch.Elapsed.TotalSeconds * recordsPerSecond) + 1); next < due; next++)
            {
                await session.AddAsync(made[next], 0, cancellationToken);
            }

            await session.FlushAsync(cancellationToken);
        }

        var sent = watch.Elapsed.TotalSeconds;
        await session.CompleteAsync(cancellationToken);
        return (made.Length, sent);
    }
}
