using System.Diagnostics;
using Exchange.EventStore.Reading;
using Exchange.EventStore.Tests.Faults;
using Exchange.Testing;
using Npgsql;
using static Exchange.EventStore.Tests.Appends;

namespace Exchange.EventStore.Tests.Reading;

/// <summary>Reliability C3: what others do in the database does not stop the feed.</summary>
[Collection(LoadCollection.Name)]
public sealed class LongTransactionTests(ITestOutputHelper output)
{
    private static readonly (string Name, string Begin, string End)[] Untroubling =
    [
        ("a dump's snapshot", "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM log.event", "COMMIT"),
        ("a vacuum that waits", "BEGIN; LOCK TABLE unrelated IN SHARE UPDATE EXCLUSIVE MODE", "ROLLBACK"),
        ("a read lock on the log", "BEGIN; LOCK TABLE log.event IN ACCESS SHARE MODE; LOCK TABLE log.log_partition IN ROW SHARE MODE", "ROLLBACK"),
    ];

    // These have a transaction id: what waits until no older transaction runs, waits for them.
    private static readonly (string Name, string Begin, string End)[] Old =
    [
        ("idle in transaction with a transaction id", "BEGIN; UPDATE unrelated SET id = 2; SELECT 1", "ROLLBACK"),
        ("a prepared transaction", "BEGIN; UPDATE unrelated SET id = 3; PREPARE TRANSACTION 'forgotten'", "ROLLBACK PREPARED 'forgotten'"),
    ];

    // C3 holds each for 60 s; the quick size is 1.5 s.
    [Fact]
    public Task A_long_transaction_does_not_stop_the_feed() => HoldEachAsync(TimeSpan.FromMilliseconds(1_500));

    [Fact]
    [Trait("Stage", "Full")]
    public Task A_transaction_of_a_minute_does_not_stop_the_feed() => HoldEachAsync(TimeSpan.FromSeconds(60));

    [Fact]
    public async Task The_control_that_waits_until_no_older_transaction_runs_is_stopped_by_them()
    {
        // How a log that numbers by a sequence is usually mended: rows are read once every older transaction has ended.
        await using var server = await OwnServer.StartAsync(new Dictionary<string, string> { ["max_prepared_transactions"] = "5" });
        await using var store = await TestStore.OnAsync(await server.Postgres.CreateDatabaseAsync("long", CancellationToken.None));
        await store.ExecuteAsync("CREATE TABLE unrelated (id int); INSERT INTO unrelated VALUES (1); CREATE TABLE control (position bigserial PRIMARY KEY, xid xid8 NOT NULL DEFAULT pg_current_xact_id())");
        foreach (var (name, begin, end) in Old)
        {
            await using var connection = await store.Database.OpenConnectionAsync();
            await RunAsync(connection, begin);

            var position = await store.ScalarAsync<long>("INSERT INTO control DEFAULT VALUES RETURNING position");
            var lag = await LagAsync(store, position, TimeSpan.FromMilliseconds(1_200));
            await RunAsync(connection, end);
            var afterwards = await LagAsync(store, position, TimeSpan.FromSeconds(20));

            output.WriteLine($"{name}: not yet delivered after {lag.TotalMilliseconds:0} ms, {afterwards.TotalMilliseconds:0} ms after its end");
            Assert.InRange(lag, TimeSpan.FromSeconds(1), TimeSpan.MaxValue);
            Assert.InRange(afterwards, TimeSpan.Zero, TimeSpan.FromSeconds(19));
        }
    }

    /// <summary>How long the control does not deliver a row, looking no longer than that.</summary>
    private static async Task<TimeSpan> LagAsync(TestStore store, long position, TimeSpan patience)
    {
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < patience
            && !await store.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM control WHERE position = $1 AND xid < pg_snapshot_xmin(pg_current_snapshot()))", position))
        {
        }

        return Stopwatch.GetElapsedTime(began);
    }

    private async Task HoldEachAsync(TimeSpan held)
    {
        await using var server = await OwnServer.StartAsync(new Dictionary<string, string> { ["max_prepared_transactions"] = "5" });
        await using var store = await TestStore.OnAsync(await server.Postgres.CreateDatabaseAsync("long", CancellationToken.None));
        await store.ExecuteAsync("CREATE TABLE unrelated (id int); INSERT INTO unrelated VALUES (1)");
        var nodes = new[] { await store.OpenAsync(), await store.OpenAsync() };
        foreach (var (name, begin, end) in Untroubling.Concat(Old))
        {
            await using var connection = await store.Database.OpenConnectionAsync();
            await RunAsync(connection, begin);

            await using var vacuuming = await store.Database.OpenConnectionAsync();
            var vacuum = RunAsync(vacuuming, "VACUUM (ANALYZE) log.event");
            var lag = await WorstLagAsync(nodes, held);
            await vacuum;
            await RunAsync(connection, end);

            output.WriteLine($"{name}: lag at most {lag.TotalMilliseconds:0} ms");
            Assert.InRange(lag, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        }
    }

    /// <summary>Appends on one node, reads on the other, for a while: the longest time from an append's answer to its delivery.</summary>
    private static async Task<TimeSpan> WorstLagAsync(EventLog[] nodes, TimeSpan duration)
    {
        var partition = nodes[0].Partitions.Records[3];
        var head = (await nodes[1].Reader.ReadHeadsAsync([partition], CancellationToken.None))[partition];
        await using var batches = nodes[1].SubscribeAsync(new Dictionary<int, long> { [partition] = head }, new SubscriptionOptions(), CancellationToken.None).GetAsyncEnumerator();
        var worst = TimeSpan.Zero;
        for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < duration;)
        {
            var result = await nodes[0].AppendAsync(Unit(partition, Event(Guid.NewGuid())));
            var appended = Stopwatch.GetTimestamp();
            do
            {
                Assert.True(await batches.MoveNextAsync());
            }
            while (batches.Current.Positions[partition] < result.Units[0].LastPosition);
            var lag = Stopwatch.GetElapsedTime(appended);
            worst = lag > worst ? lag : worst;
        }

        return worst;
    }

    private static async Task RunAsync(NpgsqlConnection connection, string statements)
    {
        await using var command = new NpgsqlCommand(statements, connection);
        await command.ExecuteNonQueryAsync();
    }
}
