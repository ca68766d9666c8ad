using System.Diagnostics;
using Exchange.EventStore.Appending;
using Npgsql;
using static Exchange.EventStore.Tests.Appends;

namespace Exchange.EventStore.Tests.Appending;

/// <summary>A node goes on appending whatever one unit or the database does to it.</summary>
public sealed class HostileTests : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private TestStore store = null!;

    public async ValueTask InitializeAsync() => store = await TestStore.CreateAsync("hostile");

    public ValueTask DisposeAsync() => store.DisposeAsync();

    [Fact]
    public async Task A_node_outlives_a_database_that_refuses_it_while_a_commit_is_in_doubt()
    {
        var log = await store.OpenAsync(options => options with { Appenders = 1, RetryFor = TimeSpan.FromSeconds(1) });
        var partition = log.Partitions.Records[0];
        await using var outside = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(store.ConnectionString) { Database = "postgres" });
        var database = new NpgsqlConnectionStringBuilder(store.ConnectionString).Database!;

        // The session ends before its answer, and no new one is let in: 55000, which is none of the faults that pass by themselves.
        var lost = log.AppendAsync(Scripted(partition, Guid.NewGuid(), writes: batch =>
        {
            Allow(outside, database, false);
            batch.Add("WITH ended AS MATERIALIZED (SELECT pg_terminate_backend(pg_backend_pid())) SELECT * FROM ended");
        }));
        await Assert.ThrowsAsync<AppendInDoubtException>(() => lost.WaitAsync(Deadline));
        Allow(outside, database, true);

        var next = await log.AppendAsync(Unit(partition, Event(Guid.NewGuid()))).WaitAsync(Deadline);

        Assert.Null(next.Refusal);
    }

    [Fact]
    public async Task A_node_outlives_whatever_a_transaction_dies_of()
    {
        var log = await store.OpenAsync(options => options with { Appenders = 1 });
        var partition = log.Partitions.Records[0];

        // No fault that an append handles: even memory may run out.
        var lost = log.AppendAsync(Scripted(partition, Guid.NewGuid(), writes: _ => throw new OutOfMemoryException()));
        var doubt = await Assert.ThrowsAsync<AppendInDoubtException>(() => lost.WaitAsync(Deadline));
        var next = await log.AppendAsync(Unit(partition, Event(Guid.NewGuid()))).WaitAsync(Deadline);

        Assert.IsType<OutOfMemoryException>(doubt.InnerException);
        Assert.Null(next.Refusal);
    }

    [Fact]
    public async Task A_value_that_cannot_be_sent_fails_its_submission_only()
    {
        var log = await store.OpenAsync(options => options with { Appenders = 1, RetryFor = TimeSpan.FromSeconds(5) });
        var partition = log.Partitions.Records[1];
        await store.ExecuteAsync("CREATE TABLE noted (note text)");
        var appends = await TogetherAsync(log, partition, i => Scripted(partition, Guid.NewGuid(), writes: batch =>
            batch.Add("INSERT INTO noted (note) VALUES ($1)").Parameters.Add(new NpgsqlParameter<string> { TypedValue = i is 3 ? "\ud800" : "well" })));

        await Assert.ThrowsAnyAsync<ArgumentException>(() => appends[3].WaitAsync(Deadline));
        var others = await Task.WhenAll(appends.Where((_, i) => i is not 3)).WaitAsync(Deadline);

        Assert.All(others, result => Assert.Null(result.Refusal));
    }

    [Fact]
    public async Task A_question_that_cannot_be_sent_fails_its_submission_only()
    {
        var log = await store.OpenAsync(options => options with { Appenders = 1, RetryFor = TimeSpan.FromSeconds(5) });
        var partition = log.Partitions.Records[4];
        var appends = await TogetherAsync(log, partition, i => new ScriptedUnit(partition)
        {
            Caller = "tax",
            Client = "tax-client",
            Reads = batch => batch.Add("SELECT $1::text", (_, _) => ValueTask.CompletedTask)
                .Parameters.Add(new NpgsqlParameter<string> { TypedValue = i is 3 ? "\ud800" : "well" }),
        });

        await Assert.ThrowsAnyAsync<ArgumentException>(() => appends[3].WaitAsync(Deadline));
        var others = await Task.WhenAll(appends.Where((_, i) => i is not 3)).WaitAsync(Deadline);

        Assert.All(others, result => Assert.Null(result.Refusal));
    }

    [Fact]
    public async Task What_a_failed_submission_left_in_a_handler_is_never_held_against_another()
    {
        var log = await store.OpenAsync(options => options with { Appenders = 1 });
        var partition = log.Partitions.Records[2];
        var handler = new SpoiledHandler();
        var appends = await TogetherAsync(log, partition, i => new SpoiledUnit(partition, handler, spoils: i is 2) { Caller = "tax", Client = "tax-client" });

        await Assert.ThrowsAsync<InvalidDataException>(() => appends[2].WaitAsync(Deadline));
        var others = await Task.WhenAll(appends.Where((_, i) => i is not 2)).WaitAsync(Deadline);

        Assert.All(others, result => Assert.Null(result.Refusal));
    }

    [Fact]
    public async Task A_slow_database_is_given_up_in_time_by_all_that_wait_together()
    {
        var log = await store.OpenAsync(options => options with
        {
            Appenders = 1, RetryFor = TimeSpan.FromSeconds(1), StatementTimeout = TimeSpan.FromMilliseconds(400),
        });
        var partition = log.Partitions.Records[3];
        var began = Stopwatch.GetTimestamp();
        var appends = await TogetherAsync(log, partition, _ => Scripted(partition, Guid.NewGuid(), writes: batch =>
            batch.Add("WITH slow AS MATERIALIZED (SELECT pg_sleep(2)) SELECT * FROM slow")));

        var results = await Task.WhenAll(appends).WaitAsync(TimeSpan.FromMinutes(2));

        // Halved down to single ones, 64 take 127 timeouts: 51 s.
        Assert.All(results, result => Assert.Equal(AppendRefusalReason.Unavailable, result.Refusal?.Reason));
        Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(15), "given up too late");
    }

    private static ScriptedUnit Scripted(int partition, Guid stream, Action<WriteBatch> writes) => new(partition, stream)
    {
        Caller = "tax",
        Client = "tax-client",
        Decision = context => context.Append(stream, "thing-happened", Bytes("payload")),
        Writes = writes,
    };

    /// <summary>Queues 64 units while the partition is locked, so that one transaction takes them all.</summary>
    private async Task<List<Task<AppendResult>>> TogetherAsync(EventLog log, int partition, Func<int, AppendUnit> unit)
    {
        await using var connection = await store.Database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand("SELECT head FROM log.log_partition WHERE partition = $1 FOR UPDATE", connection, transaction) { Parameters = { new() { Value = partition } } };
        await command.ExecuteNonQueryAsync();
        var first = log.AppendAsync(new ScriptedUnit(partition) { Caller = "", Client = "" });
        using var deadline = new CancellationTokenSource(Deadline);
        while (!await store.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database())"))
        {
            deadline.Token.ThrowIfCancellationRequested();
        }

        var appends = Enumerable.Range(0, 64).Select(i => log.AppendAsync(unit(i))).ToList();
        await transaction.RollbackAsync();
        await first;
        return appends;
    }

    private static void Allow(NpgsqlDataSource outside, string database, bool isAllowed)
    {
        using var command = outside.CreateCommand($"ALTER DATABASE \"{database}\" ALLOW_CONNECTIONS {isAllowed}");
        command.ExecuteNonQuery();
    }

    private sealed class SpoiledUnit(int partition, SpoiledHandler handler, bool spoils) : AppendUnit(partition)
    {
        public bool Spoils => spoils;

        public override IAppendHandler Handler => handler;
    }

    /// <summary>Its participants throw at every unit after one that spoiled them.</summary>
    private sealed class SpoiledHandler : IAppendHandler
    {
        public IAppendParticipant Join(IReadOnlyList<AppendUnit> units) => new Participant();

        private sealed class Participant : IAppendParticipant
        {
            private bool isSpoiled;

            public void AddReads(ReadBatch batch)
            {
            }

            public void Decide(AppendUnit unit, AppendContext context)
            {
                isSpoiled |= ((SpoiledUnit)unit).Spoils;
                if (isSpoiled)
                {
                    throw new InvalidDataException("spoiled");
                }
            }

            public void AddWrites(WriteBatch batch)
            {
            }
        }
    }
}
