using System.Diagnostics;
using System.Globalization;
using Exchange.EventStore.Embedded;
using Exchange.Testing;
using Npgsql;

namespace Exchange.Server.Tests.Faults.Kills;

/// <summary>
/// Reliability A1 to A3 and B2, B6 through the whole hub: whatever is killed while departments push, what was acknowledged is there as acknowledged,
/// everything else was sent again by the client library and is there once, and a repeated batch gets the receipt it got.
/// </summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const int Writers = 4;
    private const int MostExtraKills = 10;

    private const string CopyFirstWrite = """
        INSERT INTO log.event (partition, position, stream_id, version, type, payload, caller, client, governance_position, recorded_at, hash)
        SELECT e.partition, h.head + 1, 'c0c0c0c0-0000-5000-8000-000000000000', 1, e.type, e.payload, e.caller, e.client, e.governance_position, e.recorded_at, e.hash
        FROM log.event AS e JOIN log.log_partition AS h ON h.partition = e.partition
        WHERE e.type = 'fields-pushed' AND e.client = 'desk-1' ORDER BY e.partition, e.position LIMIT 1
        """;

    private const string DeleteCopy = "DELETE FROM log.event WHERE stream_id = 'c0c0c0c0-0000-5000-8000-000000000000'";

    private const string DeleteFirstWrite = """
        DELETE FROM log.event AS e USING (SELECT partition, position FROM log.event WHERE type = 'fields-pushed' AND client = 'desk-1' ORDER BY partition, position LIMIT 1) AS first
        WHERE e.partition = first.partition AND e.position = first.position
        """;

    [Fact]
    public Task Fifteen_kills_of_database_and_hub_lose_nothing_and_double_nothing() => KillAsync(cycles: 15);

    [Fact]
    [Trait("Stage", "Full")]
    public Task A_hundred_kills_of_the_database_lose_nothing_and_double_nothing() => KillAsync(cycles: 100, Kill.Database);

    [Fact]
    [Trait("Stage", "Full")]
    public Task A_hundred_kills_of_the_hub_lose_nothing_and_double_nothing() => KillAsync(cycles: 100, Kill.Hub);

    [Fact]
    [Trait("Stage", "Full")]
    public Task Fifty_kills_of_both_within_a_second_lose_nothing_and_double_nothing() => KillAsync(cycles: 50, Kill.Both);

    [Fact]
    public async Task With_commits_that_do_not_wait_for_the_disk_a_kill_loses_what_was_acknowledged()
    {
        // The control: the same hub, writers and judge, on a database told to acknowledge first and write later. What a kill takes is the last
        // pages of its log, which now and then are empty: then once more.
        var settings = new Dictionary<string, string> { ["synchronous_commit"] = "off", ["wal_writer_delay"] = "10s", ["wal_writer_flush_after"] = "100MB" };
        await using var postgres = await TestPostgres.StartOwnAsync(settings);
        try
        {
            var lost = 0;
            for (var attempt = 1; attempt <= 6 && lost is 0; attempt++)
            {
                var connectionString = await postgres.CreateDatabaseAsync($"hub-{attempt}", CancellationToken.None);
                await using var hub = await HubProgram.StartAsync(connectionString, "--unsafe=synchronous-commit");
                await using var writers = await RunningWriters.StartAsync(hub, Writers, new Random(attempt));
                await writers.UntilEachHasMoreAsync(100);
                await postgres.KillAsync(CancellationToken.None);
                await hub.KillAsync();
                await writers.AbandonAsync();
                await postgres.RestartAsync(CancellationToken.None);
                var verdict = await new StoreJudge(connectionString, Path.Combine(hub.DataDirectory, "hub-key")).JudgeAsync(writers.List);
                output.WriteLine($"{verdict}");
                lost = verdict.Lost.Count;
            }

            Assert.NotEqual(0, lost);
        }
        finally
        {
            await postgres.DisposeAsync();
            TestPostgres.Delete(postgres.DataDirectory);
        }
    }

    private async Task KillAsync(int cycles, params Kill[] kinds)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("FAULT_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Environment.TickCount;
        var random = new Random(seed);
        output.WriteLine($"FAULT_SEED={seed}");
        if (kinds is [])
        {
            kinds = Enum.GetValues<Kill>();
        }

        var shuffled = Enumerable.Range(0, cycles).Select(cycle => kinds[cycle % kinds.Length]).ToArray();
        random.Shuffle(shuffled);
        var plan = shuffled.ToList();
        await using var postgres = await TestPostgres.StartOwnAsync();
        try
        {
            var connectionString = await postgres.CreateDatabaseAsync("hub", CancellationToken.None);
            await using var hub = await HubProgram.StartAsync(connectionString);
            await using var writers = await RunningWriters.StartAsync(hub, Writers, random);
            var recoveries = new List<TimeSpan>();
            var interrupted = 0;
            for (var cycle = 0; cycle < plan.Count; cycle++)
            {
                writers.Careless.Enter(cycle);
                await writers.UntilCarelessSendsAsync();
                await Task.Delay(random.Next(150, 600));
                var doubts = CommitsInDoubt(hub);
                await KillAsync(plan[cycle], postgres, hub, random);
                var began = Stopwatch.GetTimestamp();
                await writers.UntilEachHasMoreAsync(1);
                recoveries.Add(Stopwatch.GetElapsedTime(began));
                interrupted += plan[cycle] is Kill.Database ? CommitsInDoubt(hub) - doubts : 0;

                // Each of them finds a commit under way more often than not; a few may all find none, and then more are needed.
                if (cycle + 1 == plan.Count && interrupted is 0 && plan.Contains(Kill.Database) && plan.Count < cycles + MostExtraKills)
                {
                    plan.Add(Kill.Database);
                }
            }

            // What it leaves under way now, no kill takes.
            writers.Careless.Enter(plan.Count);
            await writers.StopAsync();
            await ReplaysAreEqualAsync(writers, connectionString, random);
            await hub.KillAsync();
            var judge = new StoreJudge(connectionString, Path.Combine(hub.DataDirectory, "hub-key"));
            var verdict = await judge.JudgeAsync(writers.List);
            var stored = await judge.TokensAsync();
            var missing = writers.Careless.Sent.Where(sent => sent.Cycle < plan.Count && !stored.Contains(sent.Token)).ToList();
            var missed = missing.Select(sent => sent.Cycle).Distinct().CountBy(cycle => plan[cycle]).ToDictionary();
            var hubKills = plan.Count(kill => kill is not Kill.Database);

            output.WriteLine($"{plan.Count} kills ({string.Join(", ", plan.CountBy(kill => kill).Select(kind => $"{kind.Value} {kind.Key}"))}), {hub.Starts} starts of the hub");
            output.WriteLine($"{verdict}");
            output.WriteLine($"streams opened: {string.Join(", ", writers.List.Select(writer => writer.Connections))}; control without resumption: {missing.Count} of {writers.Careless.Sent.Count} missing, {string.Join(", ", missed.Select(kind => $"by {kind.Value} of {kind.Key}"))}");
            output.WriteLine($"commits that a kill of the database alone interrupted: {interrupted}");
            output.WriteLine($"all writers acknowledged again after {recoveries.Average(time => time.TotalSeconds):0.00} s on average, {recoveries.Max().TotalSeconds:0.00} s at most");
            Assert.Equal("", verdict.Faults);
            Assert.True(verdict.Accepted > cycles * 20, $"{verdict}");
            Assert.True(hub.Starts >= 1 + hubKills, $"{hub.Starts} starts of the hub after {hubKills} kills");
            Assert.True(hubKills is 0 || writers.List.Any(writer => writer.Connections > 1), "no stream was opened again");

            // A hub that lives on saves what the death of its database interrupted, so nobody misses it: there it is the interrupted commits that count.
            Assert.All(plan.Distinct(), kill => Assert.True((kill is Kill.Database ? interrupted : missed.GetValueOrDefault(kill)) > 0, $"no kill of {kill} hit a push under way"));
            await TheJudgeSeesAsync(connectionString, judge, writers);
        }
        finally
        {
            await postgres.DisposeAsync();
            TestPostgres.Delete(postgres.DataDirectory);
        }
    }

    private static async Task KillAsync(Kill kill, EmbeddedPostgres postgres, HubProgram hub, Random random)
    {
        List<Func<Task>> kills = [];
        if (kill is not Kill.Hub)
        {
            kills.Add(() => postgres.KillAsync(CancellationToken.None));
        }

        if (kill is not Kill.Database)
        {
            kills.Add(hub.KillAsync);
        }

        if (random.Next(2) is 0)
        {
            kills.Reverse();
        }

        for (var index = 0; index < kills.Count; index++)
        {
            await Task.Delay(index * random.Next(1_000));
            await kills[index]();
        }

        await Task.Delay(random.Next(500));

        // A hub that comes back before its database ends and is started again.
        List<Task> starts = [];
        if (kill is not Kill.Database)
        {
            starts.Add(hub.StartAsync());
        }

        if (kill is not Kill.Hub)
        {
            await Task.Delay(random.Next(300));
            starts.Add(postgres.RestartAsync(CancellationToken.None));
        }

        await Task.WhenAll(starts);
    }

    private static async Task ReplaysAreEqualAsync(RunningWriters writers, string connectionString, Random random)
    {
        var before = await CountEventsAsync(connectionString);
        foreach (var (writer, client) in writers.WithClients)
        {
            var sample = writer.Receipts.ToArray();
            random.Shuffle(sample);
            foreach (var (batch, receipt) in sample.Take(100))
            {
                Assert.Equal(receipt, await client.Records.PushBatchAsync(writer.Header, batch, CancellationToken.None));
            }
        }

        Assert.Equal(before, await CountEventsAsync(connectionString));
    }

    // The judge's own controls: without them a blind judge would pass everything.
    private static async Task TheJudgeSeesAsync(string connectionString, StoreJudge judge, RunningWriters writers)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);

        await ExecuteAsync(source, CopyFirstWrite);
        var twice = await judge.JudgeAsync(writers.List);
        await ExecuteAsync(source, DeleteCopy);
        Assert.Single(twice.Twice);
        Assert.Contains("1 partitions have gaps or another head", twice.Wrong);

        await ExecuteAsync(source, DeleteFirstWrite);
        var taken = await judge.JudgeAsync(writers.List);
        Assert.Single(taken.Lost);
        Assert.Empty(taken.Twice);
        Assert.Contains(taken.Wrong, fault => fault.StartsWith("the chain of partition", StringComparison.Ordinal));
        Assert.Contains("1 partitions have gaps or another head", taken.Wrong);

        var (untold, told) = (writers.List[0].Operations[0], writers.List[1].Operations[0]);
        untold.Forget();
        told.Acknowledge(told.Result!, told.AcknowledgedAt);
        var receipts = await judge.JudgeAsync(writers.List);
        Assert.Equal([$"{untold.Token}: 0 receipts", $"{told.Token}: 2 receipts"], receipts.Untold);
    }

    private static int CommitsInDoubt(HubProgram hub) => hub.Lines.Count(line => line.Contains("the answer to a commit of", StringComparison.Ordinal));

    private static async Task ExecuteAsync(NpgsqlDataSource source, string statement)
    {
        await using var command = source.CreateCommand(statement);
        Assert.Equal(1, await command.ExecuteNonQueryAsync());
    }

    private static async Task<long> CountEventsAsync(string connectionString)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var count = source.CreateCommand("SELECT count(*) FROM log.event WHERE type = 'fields-pushed'");
        return (long)(await count.ExecuteScalarAsync())!;
    }

    private enum Kill
    {
        Database,
        Hub,
        Both,
    }
}
