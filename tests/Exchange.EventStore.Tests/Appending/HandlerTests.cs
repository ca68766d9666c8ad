using Exchange.EventStore.Appending;
using Npgsql;
using static Exchange.EventStore.Tests.Appends;

namespace Exchange.EventStore.Tests.Appending;

/// <summary>What a handler's part of an append transaction may rely on.</summary>
public sealed class HandlerTests : IAsyncLifetime
{
    private TestStore store = null!;
    private EventLog log = null!;
    private int partition;

    public async ValueTask InitializeAsync()
    {
        store = await TestStore.CreateAsync("handler");
        log = await store.OpenAsync(options => options with { Appenders = 1, RetryFor = TimeSpan.FromSeconds(20) });
        partition = log.Partitions.Records[0];
        await store.ExecuteAsync("CREATE TABLE kept (partition int, stream_id uuid, total int NOT NULL CHECK (total < 100), PRIMARY KEY (partition, stream_id))");
    }

    public ValueTask DisposeAsync() => store.DisposeAsync();

    [Fact]
    public async Task A_decision_that_throws_fails_its_submission_only()
    {
        var bad = Guid.NewGuid();
        var held = await HoldAsync();
        var appends = Enumerable.Range(0, 20).Select(i => i is 7
            ? log.AppendAsync(Scripted(bad, context =>
            {
                context.Append(bad, "thing-happened", Bytes("half"));
                throw new InvalidDataException("planted");
            }))
            : log.AppendAsync(Unit(partition, Event(Guid.NewGuid())))).ToList();
        await held.DisposeAsync();

        var thrown = await Assert.ThrowsAsync<InvalidDataException>(() => appends[7]);
        var others = await Task.WhenAll(appends.Where((_, i) => i is not 7));

        Assert.Equal("planted", thrown.Message);
        Assert.All(others, result => Assert.Null(result.Refusal));
        Assert.Equal(0L, await store.ScalarAsync<long>("SELECT count(*) FROM log.event WHERE stream_id = $1", bad));
        Assert.Equal(19L, await store.ScalarAsync<long>("SELECT head FROM log.log_partition WHERE partition = $1", partition));
    }

    [Fact]
    public async Task A_decision_that_throws_among_many_events_fails_its_submission_only()
    {
        // So many that they are copied.
        var held = await HoldAsync();
        var appends = Enumerable.Range(0, 20).Select(i => i is 7
            ? log.AppendAsync(Scripted(Guid.NewGuid(), _ => throw new InvalidDataException("planted")))
            : log.AppendAsync(Unit(partition, [.. Enumerable.Range(0, 20).Select(_ => Event(Guid.NewGuid()))]))).ToList();
        await held.DisposeAsync();

        var thrown = await Assert.ThrowsAsync<InvalidDataException>(() => appends[7]);
        var others = await Task.WhenAll(appends.Where((_, i) => i is not 7));

        Assert.Equal("planted", thrown.Message);
        Assert.All(others, result => Assert.Null(result.Refusal));
        Assert.Equal(380L, await store.ScalarAsync<long>("SELECT head FROM log.log_partition WHERE partition = $1", partition));
        Assert.Equal(380L, await store.ScalarAsync<long>("SELECT count(*) FROM log.event WHERE partition = $1", partition));
    }

    [Fact]
    public async Task Many_events_that_turn_out_to_be_none_leave_the_appender_as_it_was()
    {
        var streams = Enumerable.Range(0, 150).Select(_ => Guid.NewGuid()).ToList();
        AppendUnit Pushed() => Unit(partition, [.. streams.Select(stream => Event(stream))]);

        var first = await log.AppendAsync(Key("many"), Pushed());
        var repeated = await log.AppendAsync(Key("many"), Pushed());
        var refused = await log.AppendAsync(Unit(partition, [.. streams.Select(stream => Event(stream, expected: 0))]));
        var next = await log.AppendAsync(Pushed());

        Assert.Equal((1L, 150L), (first.Units[0].FirstPosition, first.Units[0].LastPosition));
        Assert.True(repeated.IsReplay);
        Assert.Equal(AppendRefusalReason.StaleVersion, refused.Refusal?.Reason);
        Assert.Equal((151L, 300L), (next.Units[0].FirstPosition, next.Units[0].LastPosition));
    }

    [Fact]
    public async Task A_statement_that_cannot_be_run_fails_its_submission_only()
    {
        var held = await HoldAsync();
        var appends = Enumerable.Range(0, 20).Select(i => log.AppendAsync(Scripted(Guid.NewGuid(), writes: batch =>
            batch.Add("INSERT INTO kept (partition, stream_id, total) VALUES ($1, gen_random_uuid(), $2)").With(partition, i is 7 ? 100 : i)))).ToList();
        await held.DisposeAsync();

        var thrown = await Assert.ThrowsAsync<PostgresException>(() => appends[7]);
        var others = await Task.WhenAll(appends.Where((_, i) => i is not 7));

        Assert.Equal(PostgresErrorCodes.CheckViolation, thrown.SqlState);
        Assert.All(others, result => Assert.Null(result.Refusal));
        Assert.Equal(19L, await store.ScalarAsync<long>("SELECT count(*) FROM kept"));
        Assert.Equal(19L, await store.ScalarAsync<long>("SELECT head FROM log.log_partition WHERE partition = $1", partition));
    }

    [Fact]
    public async Task A_refused_unit_stores_nothing_and_leaves_its_key_free()
    {
        var stream = Guid.NewGuid();

        var refused = await log.AppendAsync(Key("r1"), Scripted(stream, context => context.Refuse("not yours")));
        var accepted = await log.AppendAsync(Key("r1"), Unit(partition, Event(stream)));

        Assert.Equal(AppendRefusalReason.Decision, refused.Refusal?.Reason);
        Assert.Equal("not yours", refused.Refusal?.Detail);
        Assert.Null(accepted.Refusal);
        Assert.False(accepted.IsReplay);
    }

    [Fact]
    public async Task A_refusal_after_another_unit_was_decided_stores_neither()
    {
        var (first, second) = (log.Partitions.Records[1], log.Partitions.Records[2]);
        var stream = Guid.NewGuid();

        var refused = await log.AppendAsync(Unit(first, Event(stream)), new ScriptedUnit(second) { Caller = "tax", Client = "c", Decision = context => context.Refuse("no") });

        Assert.Equal("no", refused.Refusal?.Detail);
        Assert.Equal(0L, await store.ScalarAsync<long>("SELECT count(*) FROM log.event WHERE stream_id = $1", stream));
    }

    [Fact]
    public async Task Units_of_one_transaction_that_touch_one_stream_continue_its_versions()
    {
        var stream = Guid.NewGuid();
        var held = await HoldAsync();
        var appends = Enumerable.Range(0, 10).Select(_ => log.AppendAsync(Unit(partition, Event(stream), Event(stream)))).ToList();
        await held.DisposeAsync();

        var results = await Task.WhenAll(appends);

        var events = await log.Reader.ReadStreamAsync(partition, stream, 0, CancellationToken.None).ToListAsync();
        Assert.Equal(Enumerable.Range(1, 20).Select(i => (long)i), events.Select(e => e.Version));
        Assert.Equal(events.Select(e => e.Position).Chunk(2).Select(pair => pair[0]), results.Select(result => result.Units[0].FirstPosition));
    }

    [Fact]
    public async Task Reads_see_what_was_committed_before_the_lock_and_writes_commit_with_the_events()
    {
        var stream = Guid.NewGuid();
        var tasks = Enumerable.Range(0, 40).Select(_ => CountUpAsync(stream)).ToList();

        await Task.WhenAll(tasks);

        Assert.Equal(40, await store.ScalarAsync<int>("SELECT total FROM kept WHERE stream_id = $1", stream));
    }

    [Fact]
    public async Task A_handler_cannot_end_the_transaction()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => log.AppendAsync(Scripted(Guid.NewGuid(), writes: batch => batch.Add("ROLLBACK"))));
    }

    [Fact]
    public async Task A_commit_that_stored_nothing_is_never_acknowledged()
    {
        // Reliability A7: the commit succeeds, and what it should have stored is gone with it.
        var lost = Guid.NewGuid();
        await store.ExecuteAsync($"""
            CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM log.event WHERE stream_id = '{lost}'; RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER lose AFTER INSERT ON log.event DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION lose();
            """);

        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => log.AppendAsync(Unit(partition, Event(lost))));

        Assert.Contains("not there", thrown.Message);
    }

    [Fact]
    public async Task A_version_that_is_not_the_next_fails_its_submission()
    {
        var stream = Guid.NewGuid();
        await log.AppendAsync(Unit(partition, Event(stream)));

        var thrown = await Assert.ThrowsAsync<PostgresException>(() => log.AppendAsync(
            new ScriptedUnit(partition) { Caller = "tax", Client = "c", Decision = context => context.Append(stream, 1, "thing-happened", Bytes("again")) }));

        Assert.Equal(PostgresErrorCodes.UniqueViolation, thrown.SqlState);
    }

    [Fact]
    public async Task A_lock_that_is_waited_for_in_vain_in_the_middle_of_a_row_set_leaves_the_session_usable()
    {
        // Npgsql keeps what it was about to prepare when a result set breaks off in the middle: 26000 from then on.
        var hasty = await store.OpenAsync(options => options with { Appenders = 1, LockTimeout = TimeSpan.FromMilliseconds(50) });
        var (first, second) = (hasty.Partitions.Records.Order().First(), hasty.Partitions.Records.Order().Last());
        await hasty.AppendAsync(Unit(first, Event(Guid.NewGuid())), Unit(second, Event(Guid.NewGuid())));
        var held = await store.HoldAsync(second);
        var waiting = hasty.AppendAsync(Unit(first, Event(Guid.NewGuid())), Unit(second, Event(Guid.NewGuid())));
        await store.UntilBlockedAsync();
        await Task.Delay(TimeSpan.FromMilliseconds(200));
        await held.DisposeAsync();

        var result = await waiting.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Null(result.Refusal);
    }

    private ScriptedUnit Scripted(Guid stream, Action<AppendContext>? decision = null, Action<WriteBatch>? writes = null) => new(partition, stream)
    {
        Caller = "tax",
        Client = "tax-client",
        Decision = decision ?? (context => context.Append(stream, "thing-happened", Bytes("payload"))),
        Writes = writes ?? (_ => { }),
    };

    private async Task CountUpAsync(Guid stream)
    {
        var total = 0;
        var result = await log.AppendAsync(new ScriptedUnit(partition, stream)
        {
            Caller = "tax",
            Client = "tax-client",
            Reads = batch => batch.Add("SELECT total FROM kept WHERE partition = $1 AND stream_id = $2", async (reader, cancellationToken) =>
                total = await reader.ReadAsync(cancellationToken) ? reader.GetInt32(0) : 0).With(partition, stream),
            Decision = context => context.Append(stream, "thing-counted", Bytes("1")),
            Writes = batch => batch.Add("INSERT INTO kept (partition, stream_id, total) VALUES ($1, $2, 1) ON CONFLICT (partition, stream_id) DO UPDATE SET total = kept.total + 1")
                .With(partition, stream),
        });
        Assert.Null(result.Refusal);
        Assert.InRange(total, 0, 39);
    }

    /// <summary>Holds the partition's lock and the appender, so that what is appended meanwhile goes into one transaction.</summary>
    private async Task<HeldPartition> HoldAsync()
    {
        var held = await store.HoldAsync(partition);
        _ = log.AppendAsync(new ScriptedUnit(partition) { Caller = "", Client = "" });
        await store.UntilBlockedAsync();
        return held;
    }
}
