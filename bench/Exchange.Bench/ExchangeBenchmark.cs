using System.Diagnostics;
using Exchange.Clients.Records;
using Exchange.EventStore.Embedded;
using Exchange.Protos.V1;
using Microsoft.Extensions.Logging.Abstractions;

namespace Exchange.Bench;

/// <summary>Push and pull end to end, each beside COPY, and the hub's memory meanwhile. Durable settings, token, ownership, policy and audit on.</summary>
/// <param name="server">Path of the hub's program.</param>
/// <param name="records">Records per round.</param>
/// <param name="rounds">Measured rounds; two more run first and are not counted.</param>
public sealed class ExchangeBenchmark(string server, int records, int rounds)
{
    private const int WarmUps = 2;
    private const double PushGoal = 0.25;
    private const double PullGoal = 0.25;
    // 150 MB.
    private const double MemoryGoalMiB = 143;

    /// <summary>Names that can be asked for.</summary>
    public static IReadOnlyList<string> Names { get; } = ["push", "pull", "memory"];

    /// <summary>Runs the named ones.</summary>
    public async Task<IReadOnlyList<BenchResult>> RunAsync(IReadOnlySet<string> names, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("exchange-bench-").FullName;
        try
        {
            await using var postgres = await EmbeddedPostgres.StartAsync(
                new EmbeddedPostgresOptions { DataDirectory = EmbeddedPostgresOptions.DirectoryFor(folder) }, NullLogger.Instance, cancellationToken);
            var database = await postgres.CreateDatabaseAsync("bench", cancellationToken);
            await using var hub = await HubProcess.StartAsync(server, database, folder, cancellationToken);
            await using var city = await BenchCity.FoundAsync(hub, cancellationToken);
            return await MeasureAsync(names, hub, city, new CopyLimit(database), cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
            Directory.Delete(EmbeddedPostgresOptions.DirectoryFor(folder), recursive: true);
        }
    }

    private async Task<IReadOnlyList<BenchResult>> MeasureAsync(IReadOnlySet<string> names, HubProcess hub, BenchCity city, CopyLimit limit, CancellationToken cancellationToken)
    {
        var (push, pull, memory) = (new List<BenchRound>(), new List<BenchRound>(), new List<BenchRound>());

        (string Table, string StoredAt)[] tables = [("log.event", "recorded_at"), ($"subject.{BenchCity.Resource}", "create_time")];
        var idle = hub.ResidentMiB;
        hub.ResetPeak();
        await limit.PrepareAsync([.. tables.Select(table => table.Table)], cancellationToken);

        // Rounds 0 and below warm up, until the hub runs compiled code; they count for the memory only.
        for (var round = 1 - WarmUps; round <= rounds; round++)
        {
            if (names.Contains("push") || round < 1)
            {
                var made = Enumerable.Range(0, records).Select(i => BenchCity.Record($"round{round + WarmUps}", i)).ToArray();
                await limit.CheckpointAsync(cancellationToken);
                var since = DateTimeOffset.UtcNow;
                var (hubCpu, ownCpu) = (hub.Processor, Environment.CpuUsage.TotalTime);
                var seconds = await PushAsync(city, $"round{round + WarmUps}", made, cancellationToken);
                (hubCpu, ownCpu) = (hub.Processor - hubCpu, Environment.CpuUsage.TotalTime - ownCpu);
                await limit.TakeAsync(tables, since, cancellationToken);
                var copied = await limit.WriteAsync(cancellationToken);
                if (round > 0)
                {
                    push.Add(new BenchRound(records / seconds, records / copied));
                    Progress("push", round, push[^1], records, hubCpu, ownCpu);
                }
            }

            if (names.Contains("pull"))
            {
                var (hubCpu, ownCpu) = (hub.Processor, Environment.CpuUsage.TotalTime);
                var (rows, seconds) = await PullAsync(city, cancellationToken);
                (hubCpu, ownCpu) = (hub.Processor - hubCpu, Environment.CpuUsage.TotalTime - ownCpu);
                var columns = string.Join(", ", BenchCity.Fields.SelectMany(f => f.StartsWith("point", StringComparison.Ordinal) ? new[] { $"\"{f}$latitude\"", $"\"{f}$longitude\"" } : [f]));
                var copied = await limit.ReadAsync($"SELECT record_id, version, {columns} FROM subject.{BenchCity.Resource}", cancellationToken);
                if (round > 0)
                {
                    pull.Add(new BenchRound(rows / seconds, rows / copied));
                    Progress("pull", round, pull[^1], rows, hubCpu, ownCpu);
                }
            }

            memory.Add(new BenchRound(hub.PeakMiB - idle, idle));
        }

        var results = new List<BenchResult>();
        if (push.Count > 0)
        {
            results.Add(BenchResult.Of("push", "records/s", PushGoal, push));
        }

        if (pull.Count > 0)
        {
            results.Add(BenchResult.Of("pull", "records/s", PullGoal, pull));
        }

        var peak = memory.Max(m => m.Hub);
        results.Add(new BenchResult("memory", "MiB of the hub above idle, peak", peak, null, null, MemoryGoalMiB, memory) { LowerIsBetter = true });
        return results;
    }

    private static void Progress(string name, int round, BenchRound result, long records, TimeSpan hub, TimeSpan own) =>
        Console.Error.WriteLine(
            $"{name} round {round}: hub {result.Hub:#,0}/s, COPY {result.Limit:#,0}/s, ratio {result.Hub / result.Limit:0.00}; processor time a record: hub {hub.TotalMicroseconds / records:0.0} µs, client {own.TotalMicroseconds / records:0.0} µs");

    private async Task<double> PushAsync(BenchCity city, string name, IReadOnlyList<PushedRecord> made, CancellationToken cancellationToken)
    {
        var accepted = 0;
        var watch = Stopwatch.StartNew();
        await using var session = city.Pusher.Records.OpenPush<int>(BenchCity.Header($"bench-{name}"), new PushOptions(), (_, receipt) =>
        {
            accepted += receipt.Results.Count(r => r.Outcome is RecordOutcome.Accepted);
            return ValueTask.CompletedTask;
        });
        foreach (var record in made)
        {
            await session.AddAsync(record, 0, cancellationToken);
        }

        await session.CompleteAsync(cancellationToken);
        watch.Stop();
        return accepted == records ? watch.Elapsed.TotalSeconds : throw new InvalidOperationException($"{records - accepted} of {records} records were not accepted");
    }

    private static async Task<(long Rows, double Seconds)> PullAsync(BenchCity city, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var values = 0L;
        await using var pull = await city.Puller.Records.PullAsync(
            new PullRequest { Resource = $"resources/{BenchCity.Resource}", Purpose = Purpose.Analysis }, cancellationToken);
        await foreach (var batch in pull.WithCancellation(cancellationToken))
        {
            foreach (var row in batch.Rows)
            {
                values += row.Values.Count;
            }
        }

        watch.Stop();
        return values == pull.Rows * BenchCity.Fields.Count ? (pull.Rows, watch.Elapsed.TotalSeconds) : throw new InvalidOperationException("rows lack values");
    }
}
