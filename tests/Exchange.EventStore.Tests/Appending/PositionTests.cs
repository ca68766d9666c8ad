using System.Collections.Concurrent;
using Exchange.EventStore.Appending;
using Exchange.EventStore.Chain;
using Npgsql;
using static Exchange.EventStore.Tests.Appends;

namespace Exchange.EventStore.Tests.Appending;

/// <summary>Reliability B1: positions are 1..N without a hole or a repeat, in commit order, whatever fails meanwhile.</summary>
public sealed class PositionTests(ITestOutputHelper output) : IAsyncLifetime
{
    private TestStore store = null!;

    private enum Failure
    {
        None,
        Decision,
        Statement,
    }

    public async ValueTask InitializeAsync() => store = await TestStore.CreateAsync("position");

    public ValueTask DisposeAsync() => store.DisposeAsync();

    [Fact]
    public Task Sixty_four_writers_on_two_nodes_leave_no_hole_in_a_hundred_thousand_events() => WriteAsync(100_000);

    [Fact]
    [Trait("Stage", "Full")]
    public Task Sixty_four_writers_on_two_nodes_leave_no_hole_in_a_million_events() => WriteAsync(1_000_000);

    [Fact]
    public async Task The_control_that_numbers_by_a_sequence_has_holes()
    {
        await store.ExecuteAsync("""
            CREATE TABLE control (partition int NOT NULL DEFAULT 0, position bigserial, stream_id uuid NOT NULL, CONSTRAINT control_pkey PRIMARY KEY (partition, position));
            CREATE VIEW control_head AS SELECT 0 AS partition, coalesce(max(position), 0) AS head FROM control;
            """);
        var watch = new PositionWatch(store.Database, "control", "control_head");
        using var ending = new CancellationTokenSource();
        var watching = watch.RunAsync(ending.Token);

        var failures = await RunWritersAsync(5_000, async (_, streams, failure) =>
        {
            await using var connection = await store.Database.OpenConnectionAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            await using var command = new NpgsqlCommand("INSERT INTO control (stream_id) SELECT unnest($1::uuid[])", connection, transaction) { Parameters = { new() { Value = streams.ToArray() } } };
            await command.ExecuteNonQueryAsync();
            if (failure is Failure.None)
            {
                await transaction.CommitAsync();
            }
        });
        await ending.CancelAsync();
        await watching;

        var hole = await watch.FindHoleAsync();
        output.WriteLine($"{failures} failures; {hole}; {watch.LiveFault}");
        Assert.NotNull(hole);
        Assert.NotNull(watch.LiveFault);
    }

    private async Task WriteAsync(int events)
    {
        var nodes = new[] { await OpenAsync(1), await OpenAsync(2) };
        var acknowledged = new ConcurrentBag<(int Partition, long First, long Last)>();
        var watch = new PositionWatch(store.Database, "log.event", "log.log_partition");
        using var ending = new CancellationTokenSource();
        var trouble = TroubleAsync(ending.Token);
        var watching = watch.RunAsync(ending.Token);

        var failures = await RunWritersAsync(events, async (writer, streams, failure) =>
        {
            var units = streams.GroupBy(nodes[0].Partitions.ForRecord).Select(group => Unit(group.Key, [.. group.Select(stream => Event(stream))])).ToList<AppendUnit>();
            if (failure is not Failure.None)
            {
                // A decision that fails, or a statement that does, in the middle of others' work.
                units =
                [
                    new ScriptedUnit(units[0].Partition)
                    {
                        Caller = "tax",
                        Client = "tax-client",
                        Decision = context => _ = failure is Failure.Decision ? throw new InvalidDataException("planted") : context.Append(Guid.NewGuid(), 1, "thing-happened", Bytes("never")),
                        Writes = batch => batch.Add("INSERT INTO missing_table VALUES (1)"),
                    },
                ];
            }

            try
            {
                var result = await nodes[writer % 2].AppendAsync(units);
                if (result.Refusal is null)
                {
                    result.Units.ToList().ForEach(unit => acknowledged.Add((unit.Partition, unit.FirstPosition, unit.LastPosition)));
                }
            }
            catch (Exception e) when (e is InvalidDataException or PostgresException { SqlState: PostgresErrorCodes.UndefinedTable })
            {
                // As planted.
            }
        });
        await ending.CancelAsync();
        var (cuts, deadlocks) = await trouble;
        await watching;

        output.WriteLine($"{failures} failures, {cuts} connections cut, {deadlocks} deadlocks, {watch.Looks} looks at {watch.Moves} moves");
        Assert.Null(await watch.FindHoleAsync());
        Assert.Null(watch.LiveFault);
        Assert.Equal(0L, await store.ScalarAsync<long>("""
            SELECT count(*) FROM (SELECT recorded_at < lag(recorded_at) OVER (PARTITION BY partition ORDER BY position) AS is_earlier FROM log.event) AS e WHERE is_earlier
            """));
        Assert.All(acknowledged.GroupBy(unit => unit.Partition), AssertNoOverlap);
        await using var verifier = new ChainVerifier(store.ConnectionString);
        foreach (var partition in nodes[0].Partitions.All)
        {
            var report = await verifier.VerifyAsync(partition, new Dictionary<long, ReadOnlyMemory<byte>>(), CancellationToken.None);
            Assert.Null(report.Fault);
            Assert.Equal(await store.ScalarAsync<long>("SELECT head FROM log.log_partition WHERE partition = $1", partition), report.Through);
        }

        // Commits whose answer was lost were asked for: what is there was acknowledged, and what was acknowledged is there.
        Assert.Equal(acknowledged.Sum(unit => unit.Last - unit.First + 1), await store.ScalarAsync<long>("SELECT count(*) FROM log.event"));

        // The trouble was real.
        Assert.All([failures, cuts, deadlocks, watch.Moves], count => Assert.InRange(count, 1, int.MaxValue));
    }

    /// <summary>64 writers until that many events were tried, one append in twenty with a failure; how many had one.</summary>
    private static async Task<int> RunWritersAsync(int events, Func<int, IReadOnlyList<Guid>, Failure, Task> appendAsync)
    {
        var (left, failures) = (events, 0);
        await Task.WhenAll(Enumerable.Range(0, 64).Select(writer => Task.Run(async () =>
        {
            var random = new Random(writer);
            while (Volatile.Read(ref left) > 0)
            {
                var size = random.Next(1, 120);
                Interlocked.Add(ref left, -size);
                var failure = random.Next(40) switch { 0 => Failure.Decision, 1 => Failure.Statement, _ => Failure.None };
                _ = failure is not Failure.None && Interlocked.Increment(ref failures) > 0;
                await appendAsync(writer, [.. Enumerable.Range(0, size).Select(_ => Guid.NewGuid())], failure);
            }
        })));
        return failures;
    }

    private static void AssertNoOverlap(IEnumerable<(int Partition, long First, long Last)> units)
    {
        var last = 0L;
        foreach (var unit in units.OrderBy(unit => unit.First))
        {
            Assert.True(unit.First > last, $"position {unit.First} was acknowledged twice");
            last = unit.Last;
        }
    }

    private Task<EventLog> OpenAsync(int appenders) =>
        store.OpenAsync(options => options with { Appenders = appenders, MaxQueuedEvents = int.MaxValue, RetryFor = TimeSpan.FromMinutes(3) });

    /// <summary>Kills writers' connections and takes locks in the wrong order, so that appends meet broken connections and deadlocks. How many.</summary>
    private async Task<(int Cuts, int Deadlocks)> TroubleAsync(CancellationToken ending)
    {
        var random = new Random(1);
        var cuts = 0L;
        while (!ending.IsCancellationRequested)
        {
            cuts += await store.ScalarAsync<long>("SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'exchange appender' AND datname = current_database() AND random() < 0.3");
            try
            {
                await using var connection = await store.Database.OpenConnectionAsync(CancellationToken.None);
                await using var transaction = await connection.BeginTransactionAsync(CancellationToken.None);
                foreach (var partition in new[] { 136, 8, 0 })
                {
                    await using var command = new NpgsqlCommand("UPDATE log.log_partition SET key_epoch = key_epoch WHERE partition = $1", connection, transaction) { Parameters = { new() { Value = partition } } };
                    await command.ExecuteNonQueryAsync(CancellationToken.None);
                }

                await transaction.CommitAsync(CancellationToken.None);
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DeadlockDetected)
            {
                // Either side may be the victim.
            }

            await Task.WhenAny(Task.Delay(random.Next(100, 300), CancellationToken.None), Task.Delay(-1, ending));
        }

        // Sessions tell the server now and then how many they met, at the latest after ten seconds of silence.
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        long deadlocks;
        while ((deadlocks = await store.ScalarAsync<long>("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")) is 0 && !deadline.IsCancellationRequested)
        {
            await Task.WhenAny(Task.Delay(100, CancellationToken.None), Task.Delay(-1, deadline.Token));
        }

        return ((int)cuts, (int)deadlocks);
    }
}
