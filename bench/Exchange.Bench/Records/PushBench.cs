using System.Diagnostics;
using Exchange.Bench.Hubs;
using Exchange.Bench.Limits;
using Exchange.Bench.Reporting;

namespace Exchange.Bench.Records;

/// <summary>
/// New records of 20 fields pushed end to end, by 1 and by 8 departments at once, each in batches of 500 with up to 8 on the way. The limit is binary
/// COPY of the same events and the same subject rows, 10 000 per commit, over 1 or several connections, whichever is fastest.
/// </summary>
internal static class PushBench
{
    private const double Goal = 0.5;
    private const int WarmUps = 2;

    private static readonly BenchResource Resource = new("pushed");
    private static readonly (int Departments, int[] Connections)[] Shapes = [(1, [1, 2]), (8, [1, 2, 8])];

    public static async Task<IReadOnlyList<BenchResult>> RunAsync(BenchStage stage, CancellationToken cancellationToken)
    {
        var hub = await stage.HubAsync(cancellationToken);
        await hub.PublishAsync(Resource, cancellationToken);
        var records = stage.Size(200_000, 10_000);
        var results = new List<BenchResult>();
        foreach (var (departments, connections) in Shapes)
        {
            await using var limit = new CopyLimit(hub.ConnectionString, $"push_{departments}", connections, [("log.event", "recorded_at"), (Resource.Table, "create_time")]);
            await limit.PrepareAsync(cancellationToken);
            var rounds = await stage.MeasureAsync($"push/{departments}", WarmUps, async round =>
            {
                var (since, seconds, processor) = await PushAsync(hub, departments, round, records / departments, limit, cancellationToken);
                await limit.TakeAsync(since, records, cancellationToken);
                var copied = await limit.WriteAsync(cancellationToken);
                return (new BenchRound(records / seconds, records / copied), processor);
            });
            results.Add(BenchResult.Of($"push/{departments}", "records/s", Goal, rounds));
        }

        return results;
    }

    private static async Task<(DateTimeOffset Since, double Seconds, string Processor)> PushAsync(HubStage hub, int departments, int round, int each, CopyLimit limit, CancellationToken cancellationToken)
    {
        var pushes = new List<Func<Task<double>>>();
        for (var i = 0; i < departments; i++)
        {
            var name = $"bench-pusher-{i}";
            var client = await hub.City.DepartmentAsync(name, cancellationToken);
            var made = MadeRecords.Records($"push-{departments}-{round}", i * each, each);
            pushes.Add(() => HubStage.PushAsync(client, Resource.Header(name, $"push-{departments}-{round}"), made, cancellationToken));
        }

        await limit.CheckpointAsync(cancellationToken);
        var since = DateTimeOffset.UtcNow;
        var processor = new ProcessorTime(hub.Process);
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(pushes.Select(push => Task.Run(push, cancellationToken)));
        return (since, watch.Elapsed.TotalSeconds, processor.Tell(each * departments, "record"));
    }
}
