using Exchange.Bench.Hubs;
using Exchange.Bench.Limits;
using Exchange.Bench.Reporting;

namespace Exchange.Bench.Records;

/// <summary>
/// Changes to three fields of every record, pushed end to end. The limit is binary COPY of the same events and then one set-based UPDATE of the same
/// columns of the same rows.
/// </summary>
internal static class ChangesBench
{
    private const double Goal = 0.5;
    private const int WarmUps = 2;

    private static readonly BenchResource Resource = new("changed");
    private static readonly int[] Connections = [1, 2];
    private static readonly string[] Columns = ["version", "position", "update_time", .. MadeRecords.ChangedFields];

    public static async Task<IReadOnlyList<BenchResult>> RunAsync(BenchStage stage, CancellationToken cancellationToken)
    {
        var hub = await stage.HubAsync(cancellationToken);
        await hub.PublishAsync(Resource, cancellationToken);
        var pusher = await hub.City.DepartmentAsync(HubStage.Filler, cancellationToken);
        var records = stage.Size(100_000, 10_000);
        await HubStage.PushAsync(pusher, Resource.Header(HubStage.Filler, "changes"), MadeRecords.Records("changes", 0, records), cancellationToken);
        await using var copy = new CopyLimit(hub.ConnectionString, "changes", Connections, [("log.event", "recorded_at")]);
        await using var update = new UpdateLimit(hub.Plain, Resource.Table, Columns);
        await copy.PrepareAsync(cancellationToken);
        await update.PrepareAsync(cancellationToken);
        var rounds = await stage.MeasureAsync("push-changes", WarmUps, async round =>
        {
            var header = Resource.Header(HubStage.Filler, $"changes-{round}", MadeRecords.ChangedFields);
            var made = Enumerable.Range(0, records).Select(number => MadeRecords.Change("changes", number, round + WarmUps)).ToArray();
            await hub.Plain.CheckpointAsync(cancellationToken);
            var (since, processor) = (DateTimeOffset.UtcNow, new ProcessorTime(hub.Process));
            var seconds = await HubStage.PushAsync(pusher, header, made, cancellationToken);
            var told = processor.Tell(records, "change");
            await copy.TakeAsync(since, records, cancellationToken);
            var (copied, updated) = (await copy.WriteAsync(cancellationToken), await update.RunAsync(records, cancellationToken));
            return (new BenchRound(records / seconds, records / (copied + updated)), $"COPY {records / copied:#,0}/s, UPDATE {records / updated:#,0}/s; {told}");
        });
        return [BenchResult.Of("push-changes", "records/s", Goal, rounds)];
    }
}
