using Exchange.Bench.Hubs;
using Exchange.Bench.Reporting;

namespace Exchange.Bench.Records;

/// <summary>
/// How far the hub's resident memory rises above that of an idle hub while one caller pushes so many records and, at the same time, another pulls as
/// many. A hub of its own, idle when it has served a push and a pull and has rested.
/// </summary>
internal static class MemoryBench
{
    // 150 MB.
    private const double MostMiB = 143;
    private const int WarmUp = 2_000;

    private static readonly BenchResource Resource = new("pushed");

    public static async Task<IReadOnlyList<BenchResult>> RunAsync(BenchStage stage, CancellationToken cancellationToken)
    {
        var records = stage.Size(1_000_000, 25_000);
        await using var hub = await stage.StartHubAsync("memory", cancellationToken);
        await hub.PublishAsync(Resource, cancellationToken);
        var (reader, filler) = (await hub.City.DepartmentAsync(HubStage.Reader, cancellationToken), await hub.City.DepartmentAsync(HubStage.Filler, cancellationToken));
        await hub.FillAsync(WarmUp, cancellationToken);
        await PullBench.PullAsync(reader, HubStage.Filled, "", cancellationToken);
        var idle = hub.Process.ResidentMiB;
        await hub.FillAsync(records, cancellationToken);
        hub.Process.ResetPeak();
        var push = Task.Run(
            async () =>
            {
                for (var first = 0; first < records; first += 20_000)
                {
                    await HubStage.PushAsync(filler, Resource.Header(HubStage.Filler, $"memory-{first}"), MadeRecords.Records("memory", first, Math.Min(20_000, records - first)), cancellationToken);
                }
            },
            cancellationToken);
        var (rows, _) = await PullBench.PullAsync(reader, HubStage.Filled, "", cancellationToken);
        await push;
        if (rows != records)
        {
            throw new InvalidOperationException($"{rows} of {records} records came");
        }

        var round = new BenchRound(hub.Process.PeakMiB - idle, null);
        BenchStage.Say($"memory: {idle:0} MiB idle, at most {hub.Process.PeakMiB:0} MiB while {records} records were pulled and {records} pushed");
        return [BenchResult.AtMost("memory", "MiB of the hub above idle, peak", MostMiB, [round])];
    }
}
