using System.Diagnostics;
using Exchange.Bench.Hubs;
using Exchange.Bench.Limits;
using Exchange.Bench.Reporting;
using Exchange.Clients;
using Exchange.Protos.V1;
using Npgsql;

namespace Exchange.Bench.Records;

/// <summary>
/// One record by its id per call, two of its fields masked, audited before and after, 64 callers at once. The limit is a SELECT by key between two audit
/// rows in group commits, with plain Npgsql.
/// </summary>
internal static class PointBench
{
    private const int Callers = 64;
    private const double Goal = 0.5;
    private const int WarmUps = 2;

    // Any order that has nothing to do with that of the table.
    private const string SelectKeys = "SELECT partition, record_id FROM subject.cases ORDER BY md5(record_id::text) LIMIT $1";

    public static async Task<IReadOnlyList<BenchResult>> RunAsync(BenchStage stage, CancellationToken cancellationToken)
    {
        var hub = await stage.HubAsync(cancellationToken);
        await hub.FillAsync(stage.FilledRecords, cancellationToken);
        var reader = await hub.City.DepartmentAsync(HubStage.Reader, cancellationToken);
        var keys = await KeysAsync(hub, stage.Size(20_000, 3_000), cancellationToken);
        await using var limit = new PointLimit(hub.Plain, HubStage.Filled.Table, Callers);
        await limit.PrepareAsync(cancellationToken);
        var rounds = await stage.MeasureAsync("point", WarmUps, async _ =>
        {
            await hub.Plain.CheckpointAsync(cancellationToken);
            var (since, processor, next) = (DateTimeOffset.UtcNow, new ProcessorTime(hub.Process), -1);
            var watch = Stopwatch.StartNew();
            await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(
                async () =>
                {
                    while (Interlocked.Increment(ref next) is var index && index < keys.Count)
                    {
                        await GetAsync(reader, keys[index].Record, cancellationToken);
                    }
                },
                cancellationToken)));
            var seconds = watch.Elapsed.TotalSeconds;
            var told = processor.Tell(keys.Count, "read");
            await hub.Plain.CheckpointAsync(cancellationToken);
            var plain = await limit.RunAsync(since, keys, cancellationToken);
            return (new BenchRound(keys.Count / seconds, keys.Count / plain), told);
        });
        return [BenchResult.Of("point", "reads/s", Goal, rounds)];
    }

    private static async Task GetAsync(ExchangeClient reader, Guid record, CancellationToken cancellationToken)
    {
        var read = await reader.Records.GetAsync(new GetRecordRequest { Name = $"{HubStage.Filled.Name}/records/{record}", Purpose = Purpose.Analysis }, cancellationToken);
        if (read.Values.Count != BenchResource.Fields.Count)
        {
            throw new InvalidOperationException("values are missing");
        }
    }

    private static async Task<List<(int Partition, Guid Record)>> KeysAsync(HubStage hub, int count, CancellationToken cancellationToken)
    {
        await using var select = hub.Plain.CreateCommand(SelectKeys);
        select.Parameters.Add(new NpgsqlParameter<int> { TypedValue = count });
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        var keys = new List<(int Partition, Guid Record)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            keys.Add((reader.GetInt32(0), reader.GetGuid(1)));
        }

        return keys.Count == count ? keys : throw new InvalidOperationException($"there are only {keys.Count} records");
    }
}
