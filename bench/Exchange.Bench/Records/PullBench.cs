using System.Diagnostics;
using Exchange.Bench.Hubs;
using Exchange.Bench.Limits;
using Exchange.Bench.Reporting;
using Exchange.Clients;
using Exchange.Protos.V1;

namespace Exchange.Bench.Records;

/// <summary>
/// A pull of nearly all records, filtered and with two columns masked, to a client that parses every value. The limit is binary COPY TO of the same
/// columns of the same rows, unmasked, to a client that only counts bytes.
/// </summary>
internal static class PullBench
{
    private const double Goal = 0.5;
    private const int WarmUps = 2;

    // Of integers below a million: all records but one in a thousand pass.
    private const string Filter = "integer_15 >= 1000";

    public static async Task<IReadOnlyList<BenchResult>> RunAsync(BenchStage stage, CancellationToken cancellationToken)
    {
        var hub = await stage.HubAsync(cancellationToken);
        await hub.FillAsync(stage.FilledRecords, cancellationToken);
        var reader = await hub.City.DepartmentAsync(HubStage.Reader, cancellationToken);
        var rounds = await stage.MeasureAsync("pull", WarmUps, async _ =>
        {
            var processor = new ProcessorTime(hub.Process);
            var (rows, seconds) = await PullAsync(reader, HubStage.Filled, Filter, cancellationToken);
            var told = processor.Tell(rows, "record");
            var copied = await ReadLimit.ReadAsync(hub.Plain, $"SELECT record_id, version, {BenchResource.Columns} FROM {HubStage.Filled.Table} WHERE {Filter}", cancellationToken);
            return (new BenchRound(rows / seconds, rows / copied), told);
        });
        return [BenchResult.Of("pull", "records/s", Goal, rounds)];
    }

    /// <summary>Pulls everything that passes and looks at every value.</summary>
    public static async Task<(long Rows, double Seconds)> PullAsync(ExchangeClient reader, BenchResource resource, string filter, CancellationToken cancellationToken)
    {
        var values = 0L;
        var watch = Stopwatch.StartNew();
        await using var pull = await reader.Records.PullAsync(new PullRequest { Resource = resource.Name, Purpose = Purpose.Analysis, Filter = filter }, cancellationToken);
        await foreach (var batch in pull.WithCancellation(cancellationToken))
        {
            foreach (var row in batch.Rows)
            {
                values += row.Values.Count;
            }
        }

        watch.Stop();
        return pull.Rows > 0 && values == pull.Rows * BenchResource.Fields.Count ? (pull.Rows, watch.Elapsed.TotalSeconds) : throw new InvalidOperationException("rows or values are missing");
    }
}
