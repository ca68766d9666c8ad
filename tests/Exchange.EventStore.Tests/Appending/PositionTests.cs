using System.Collections.Concurrent;
using Exchange.EventStore.Appending;
using Exchange.EventStore.Chain;
using Npgsql;
using static Exchange.EventStore.Tests.Appends;

namespace Exchange.EventStore.Tests.Appending;

/// <summary>Reliability B1: positions are 1..N without a hole or a repeat, in commit order, whatever fails meanwhile.</summary>
public sealed class PositionTests : IAsyncLifetime
{
    private TestStore store = null!;

    public async ValueTask InitializeAsync() => store = await TestStore.CreateAsync("position");

    public ValueTask DisposeAsync() => store.DisposeAsync();

    [Fact]
    public Task Sixty_four_writers_on_two_nodes_leave_no_hole_in_a_hundred_thousand_events() => WriteAsync(100_000);

    [Fact]
    [Trait("Stage", "Full")]
    public Task Sixty_four_writers_on_two_nodes_leave_no_hole_in_a_million_events() => WriteAsync(1_000_000);

    private async Task WriteAsync(int events)
    {
        var nodes = new[] { await OpenAsync(1), await OpenAsync(2) };
        var acknowledged = new ConcurrentBag<(int Partition, long First, long Last)>();
        var left = events;
        using var ending = new CancellationTokenSource();
        var trouble = TroubleAsync(ending.Token);

        await Task.WhenAll(Enumerable.Range(0, 64).Select(writer => Task.Run(async () =>
        {
            var random = new Random(writer);
            while (Volatile.Read(ref left) > 0)
            {
                var size = random.Next(1, 120);
                Interlocked.Add(ref left, -size);
                var units = Enumerable.Range(0, size).Select(_ => Guid.NewGuid()).GroupBy(nodes[0].Partitions.ForRecord).Select(group => Unit(group.Key, [.. group.Select(stream => Event(stream))])).ToList<AppendUnit>();
                if (random.Next(20) is 0)
                {
                    // A decision that fails, or a statement that does, in the middle of others' work.
                    var fails = random.Next(2) is 0;
                    units =
                    [
                        new ScriptedUnit(units[0].Partition)
                        {
                            Caller = "tax",
                            Client = "tax-client",
                            Decision = context => _ = fails ? throw new InvalidDataException("planted") : context.Append(Guid.NewGuid(), 1, "thing-happened", Bytes("never")),
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
            }
        })));
        await ending.CancelAsync();
        await trouble;

        Assert.Equal(0L, await store.ScalarAsync<long>("""
            SELECT count(*) FROM log.log_partition AS h
            LEFT JOIN (SELECT partition, count(*) AS n, max(position) AS last, min(position) AS first FROM log.event GROUP BY partition) AS e USING (partition)
            WHERE h.head <> coalesce(e.n, 0) OR h.head <> coalesce(e.last, 0) OR coalesce(e.first, 1) <> 1
            """));
        Assert.Equal(0L, await store.ScalarAsync<long>("""
            SELECT count(*) FROM (SELECT recorded_at < lag(recorded_at) OVER (PARTITION BY partition ORDER BY position) AS is_earlier FROM log.event) AS e WHERE is_earlier
            """));
        Assert.All(acknowledged.GroupBy(unit => unit.Partition), AssertNoOverlap);
        await using var verifier = new ChainVerifier(store.ConnectionString);
        var report = await verifier.VerifyAsync(nodes[0].Partitions.Records[0], new Dictionary<long, ReadOnlyMemory<byte>>(), CancellationToken.None);
        Assert.Null(report.Fault);
        Assert.Equal(nodes[0].Heads.Confirm(nodes[0].Partitions.Records[0]).Head, report.Through);

        // Commits whose answer was lost were asked for: what is there was acknowledged, and what was acknowledged is there.
        Assert.Equal(acknowledged.Sum(unit => unit.Last - unit.First + 1), await store.ScalarAsync<long>("SELECT count(*) FROM log.event"));
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

    /// <summary>Kills writers' connections and takes locks in the wrong order, so that appends meet broken connections and deadlocks.</summary>
    private async Task TroubleAsync(CancellationToken ending)
    {
        var random = new Random(1);
        while (!ending.IsCancellationRequested)
        {
            await store.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'exchange appender' AND datname = current_database() AND random() < 0.3");
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
    }
}
