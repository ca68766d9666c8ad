using System.Diagnostics;
using Exchange.Bench.Hubs;
using Exchange.Bench.Limits;
using Exchange.Bench.Reporting;
using Exchange.Clients;
using Exchange.Clients.Feed;
using Exchange.Protos.V1;
using Npgsql;

namespace Exchange.Bench.Feed;

/// <summary>
/// One follower catches up from position 0 to the head, over all record partitions, on a hub of its own that holds nothing but these records, and parses
/// every change. The limit is plain reading of the same partitions.
/// </summary>
internal static class CatchUpBench
{
    private const double Goal = 0.5;

    // A hub's code is compiled well once it has sent some hundred thousand changes.
    private const int WarmUps = 1;
    private const int QuickWarmUps = 3;

    private const string SelectPartitions = "SELECT partition FROM log.partition_slot WHERE kind = 'record' ORDER BY partition";

    public static async Task<IReadOnlyList<BenchResult>> RunAsync(BenchStage stage, CancellationToken cancellationToken)
    {
        await using var hub = await stage.StartHubAsync("catchup", cancellationToken);
        await hub.FillAsync(stage.FilledRecords, cancellationToken);
        var reader = await hub.City.DepartmentAsync(HubStage.Reader, cancellationToken);
        var partitions = await PartitionsAsync(hub, cancellationToken);
        var rounds = await stage.MeasureAsync("follow-catchup", stage.Size(WarmUps, QuickWarmUps), async _ =>
        {
            var processor = new ProcessorTime(hub.Process);
            var seconds = await FollowAsync(reader, hub.FilledRecords, cancellationToken);
            var told = processor.Tell(hub.FilledRecords, "change");
            var read = await EventQuery.ReadAsync(hub.Plain, partitions, hub.FilledRecords, cancellationToken);
            return (new BenchRound(hub.FilledRecords / seconds, hub.FilledRecords / read), told);
        });
        return [BenchResult.Of("follow-catchup", "events/s", Goal, rounds)];
    }

    private static async Task<double> FollowAsync(ExchangeClient reader, int records, CancellationToken cancellationToken)
    {
        var (changes, values) = (0, 0L);
        var watch = Stopwatch.StartNew();
        await using var feed = await reader.Feed.FollowAsync(
            new FollowRequest { Resource = HubStage.Filled.Name, Purpose = Purpose.Analysis, Beginning = true }, new MemoryCheckpointStore(), cancellationToken);
        await foreach (var message in feed.WithCancellation(cancellationToken))
        {
            foreach (var change in message.Batch?.Changes ?? [])
            {
                changes++;
                values += change.Values.Count;
            }

            if (changes >= records)
            {
                break;
            }
        }

        watch.Stop();
        return changes == records && values == (long)records * BenchResource.Fields.Count && feed.Coverage.IsContiguous
            ? watch.Elapsed.TotalSeconds
            : throw new InvalidOperationException($"{changes} of {records} changes came");
    }

    private static async Task<List<int>> PartitionsAsync(HubStage hub, CancellationToken cancellationToken)
    {
        await using var select = hub.Plain.CreateCommand(SelectPartitions);
        await using NpgsqlDataReader reader = await select.ExecuteReaderAsync(cancellationToken);
        var partitions = new List<int>();
        while (await reader.ReadAsync(cancellationToken))
        {
            partitions.Add(reader.GetInt32(0));
        }

        return partitions;
    }
}
