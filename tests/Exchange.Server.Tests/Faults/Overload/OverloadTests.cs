using System.Globalization;
using Exchange.Server.Tests.Faults.Kills;
using Exchange.Testing;
using Grpc.Core;
using Npgsql;

namespace Exchange.Server.Tests.Faults.Overload;

/// <summary>
/// Reliability B8 through the whole hub: five times what it can store. What it cannot keep it refuses at once and says when to come again, its memory stays
/// within the configured limit, what it acknowledged is stored once and what it refused is not there, and afterwards it is as before.
/// </summary>
[Collection(LoadCollection.Name)]
public sealed class OverloadTests(ITestOutputHelper output)
{
    private const int MemoryLimit = 384;
    private const int MuchMemory = 64 * MemoryLimit;
    private const int Callers = 16;
    private const string Department = "desk-1";

    [Fact]
    public Task Ten_seconds_of_five_times_the_load_shed_and_corrupt_nothing() => OverloadAsync(TimeSpan.FromSeconds(10), hasControl: false);

    [Fact]
    [Trait("Stage", "Full")]
    public Task A_minute_of_five_times_the_load_sheds_and_corrupts_nothing() => OverloadAsync(TimeSpan.FromSeconds(60), hasControl: true);

    private async Task OverloadAsync(TimeSpan time, bool hasControl)
    {
        var limited = await RunAsync("limited", MemoryLimit, time);
        output.WriteLine($"with {MemoryLimit} MiB: {limited}");
        Assert.Equal([StatusCode.OK, StatusCode.ResourceExhausted], limited.Statuses.Keys.Order());
        Assert.True(limited.Untold is 0, $"{limited.Untold} calls were shed and not told when to come again");
        Assert.Equal("", limited.Faults);
        Assert.True(limited.Recovered, "a call after the load was refused");
        Assert.InRange(limited.PeakMebibytes, 1, MemoryLimit);

        if (!hasControl)
        {
            return;
        }

        // The control: the same load on a hub that may keep more keeps more. The load is one client's, which gets a part of the room.
        var unlimited = await RunAsync("unlimited", MuchMemory, TimeSpan.FromSeconds(10));
        output.WriteLine($"with {MuchMemory} MiB: {unlimited}");
        Assert.Equal("", unlimited.Faults);
        Assert.True(unlimited.PeakMebibytes > MemoryLimit, $"{unlimited.PeakMebibytes} MiB: the load is too small to show anything");
    }

    private static async Task<Result> RunAsync(string name, int memoryLimit, TimeSpan time)
    {
        var connectionString = await TestPostgres.CreateDatabaseAsync($"overload-{name}");
        await using var hub = await HubProgram.StartAsync(connectionString, $"--memory-limit={memoryLimit.ToString(CultureInfo.InvariantCulture)}");
        var city = await FaultCity.FoundAsync(hub, 1, CancellationToken.None);
        await using var client = city[0].Client;
        using var load = await OpenLoop.StartAsync(hub, Department, client);
        await load.CallInTurnAsync(callers: 1, TimeSpan.FromSeconds(2));
        var alone = load.Outcomes.Count;
        var sustainable = await load.CallInTurnAsync(Callers, TimeSpan.FromSeconds(3));
        var before = load.Outcomes.Count;
        await load.CallAtRateAsync(5 * sustainable, time);
        var during = load.Outcomes.Skip(before).ToList();
        var peak = hub.PeakMemory;
        var after = new List<OpenLoop.Outcome>();
        for (var call = 0; call < 20; call++)
        {
            after.Add(await load.CallAsync());
        }

        return new Result(
            during.CountBy(outcome => outcome.Status).ToDictionary(),
            during.Count(outcome => outcome.Status is StatusCode.ResourceExhausted && !(outcome.RetryDelay > TimeSpan.Zero)),
            after.TrueForAll(outcome => outcome.Status is StatusCode.OK),
            (int)(peak >> 20),
            sustainable,
            Percentile99(load.Outcomes.Skip(alone / 2).Take(alone / 2)),
            Percentile99(during.Where(outcome => outcome.Status is StatusCode.OK)),
            Percentile99(during.Where(outcome => outcome.Status is StatusCode.ResourceExhausted)),
            await JudgeAsync(connectionString, load.Outcomes));
    }

    // Every record of what was acknowledged stands there once, with one event; of what was refused none does.
    private static async Task<string> JudgeAsync(string connectionString, IReadOnlyCollection<OpenLoop.Outcome> outcomes)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand("SELECT split_part(source_id, '-', 3)::int, count(*), count(DISTINCT source_id), max(version) FROM subject.incident GROUP BY 1");
        await using var reader = await command.ExecuteReaderAsync();
        var stored = new Dictionary<int, (long Rows, long Ids, long Version)>();
        while (await reader.ReadAsync())
        {
            stored.Add(reader.GetInt32(0), (reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3)));
        }

        var faults = outcomes.Where(outcome => outcome.Status is StatusCode.OK
            ? stored.GetValueOrDefault(outcome.Call) != (OpenLoop.Records, OpenLoop.Records, 1)
            : stored.ContainsKey(outcome.Call)).ToList();
        return faults.Count is 0 ? "" : $"{faults.Count} calls are not stored as they were told, the first {faults[0]}: {stored.GetValueOrDefault(faults[0].Call)}";
    }

    private static TimeSpan Percentile99(IEnumerable<OpenLoop.Outcome> outcomes)
    {
        var sorted = outcomes.Select(outcome => outcome.Took).Order().ToList();
        return sorted.Count is 0 ? TimeSpan.Zero : sorted[sorted.Count * 99 / 100];
    }

    private sealed record Result(
        IReadOnlyDictionary<StatusCode, int> Statuses,
        int Untold,
        bool Recovered,
        int PeakMebibytes,
        double Sustainable,
        TimeSpan Alone,
        TimeSpan Acknowledged,
        TimeSpan Shed,
        string Faults)
    {
        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{Sustainable:0} calls/s of {OpenLoop.Records} records sustainable; at five times that {string.Join(", ", Statuses.Select(status => $"{status.Value} {status.Key}"))}, {Untold} without a delay; peak {PeakMebibytes} MiB; p99 of a lone caller {Alone.TotalMilliseconds:0} ms, acknowledged under load {Acknowledged.TotalMilliseconds:0} ms, shed {Shed.TotalMilliseconds:0} ms");
    }
}
