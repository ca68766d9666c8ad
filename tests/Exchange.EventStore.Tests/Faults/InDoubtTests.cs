using System.Collections.Concurrent;
using Exchange.EventStore.Appending;
using Npgsql;
using static Exchange.EventStore.Tests.Appends;

namespace Exchange.EventStore.Tests.Faults;

/// <summary>Reliability A6: a commit whose answer is lost is neither reported as failed nor stored twice.</summary>
public sealed class InDoubtTests(ITestOutputHelper output)
{
    [Fact]
    public Task Commits_cut_before_or_after_they_arrive_are_resolved() => CutAsync(150);

    [Fact]
    [Trait("Stage", "Full")]
    public Task A_thousand_commits_cut_before_or_after_they_arrive_are_resolved() => CutAsync(1_000);

    [Fact]
    public async Task A_commit_that_cannot_be_asked_about_in_time_is_reported_as_unknown_and_its_repeat_tells()
    {
        await using var store = await TestStore.CreateAsync("unknown");
        var folder = Directory.CreateTempSubdirectory("cut-").FullName;
        var direct = await store.OpenAsync();
        var stream = Guid.NewGuid();
        var partition = direct.Partitions.ForRecord(stream);
        var unit = Unit(partition, Event(stream, "cut-mark"));
        AppendInDoubtException thrown;
        await using (var proxy = new LossyProxy(folder, ServerFolder(store), "cut-mark", 0))
        {
            var log = await store.OpenAsync(options => options with { ConnectionString = Through(store, folder), RetryFor = TimeSpan.FromMilliseconds(500) });
            await log.AppendAsync(Unit(partition, Event(Guid.NewGuid())));
            proxy.IsClosed = true;

            thrown = await Assert.ThrowsAsync<AppendInDoubtException>(() => log.AppendAsync(Key("unknown"), unit));
        }

        var repeated = await direct.AppendAsync(Key("unknown"), unit);
        var again = await direct.AppendAsync(Key("unknown"), unit);

        Assert.Contains("repeat with the same key", thrown.Message);
        Assert.Null(repeated.Refusal);
        Assert.True(again.IsReplay);
        Assert.Equal(1L, await store.ScalarAsync<long>("SELECT count(*) FROM log.event WHERE stream_id = $1", stream));
    }

    [Fact]
    public async Task A_commit_that_answers_with_an_error_is_asked_about_before_it_runs_again()
    {
        await using var store = await TestStore.CreateAsync("commit_error");
        await store.ExecuteAsync(
            """
            CREATE SEQUENCE once;
            CREATE FUNCTION fail_once() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF nextval('public.once') = 1 THEN RAISE EXCEPTION 'planted' USING ERRCODE = '40001'; END IF;
                RETURN NULL;
            END $$;
            CREATE CONSTRAINT TRIGGER fail_once AFTER INSERT ON log.event DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail_once();
            """);
        using var said = new LastMessages();
        await using var log = await EventLog.OpenAsync(store.Options, TimeProvider.System, said, CancellationToken.None);

        var result = await log.AppendAsync(Unit(log.Partitions.Records[0], Event(Guid.NewGuid())));

        Assert.Null(result.Refusal);
        Assert.Contains(said.Messages, message => message.Contains("whose answer was lost is stored: False", StringComparison.Ordinal));
        Assert.Equal(1L, await store.ScalarAsync<long>("SELECT count(*) FROM log.event"));
    }

    private async Task CutAsync(int faults)
    {
        var seed = Environment.TickCount;
        await using var store = await TestStore.CreateAsync("in_doubt");
        var folder = Directory.CreateTempSubdirectory("cut-").FullName;
        await using var proxy = new LossyProxy(folder, ServerFolder(store), "cut-mark", seed);
        var log = await store.OpenAsync(options => options with { ConnectionString = Through(store, folder), RetryFor = TimeSpan.FromMinutes(2) });
        proxy.IsArmed = true;
        var streams = new ConcurrentBag<(Guid Stream, bool IsStored)>();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
        {
            while (proxy.LostRequests + proxy.LostAnswers < faults)
            {
                // Half of them without a key: the chain itself tells whether they are stored.
                var stream = Guid.NewGuid();
                var unit = Unit(log.Partitions.ForRecord(stream), Event(stream, "cut-mark"));
                var result = writer % 2 is 0 ? await log.AppendAsync(unit) : await log.AppendAsync(Key(stream.ToString()), unit);
                streams.Add((stream, result.Refusal is null));
            }
        })));
        proxy.IsArmed = false;

        output.WriteLine($"seed {seed}: {streams.Count} writes, {proxy.LostRequests} requests and {proxy.LostAnswers} answers cut");
        Assert.All(streams, write => Assert.True(write.IsStored));
        Assert.Equal(streams.Count, await store.ScalarAsync<long>("SELECT count(*) FROM log.event"));
        Assert.Equal(streams.Count, await store.ScalarAsync<long>("SELECT count(DISTINCT stream_id) FROM log.event WHERE stream_id = ANY ($1)", streams.Select(write => write.Stream).ToArray()));
        Assert.True(proxy.LostRequests > faults / 10 && proxy.LostAnswers > faults / 10, "both halves must be hit");
    }

    private static string ServerFolder(TestStore store) => new NpgsqlConnectionStringBuilder(store.ConnectionString).Host!;

    private static string Through(
        TestStore store, string folder) => new NpgsqlConnectionStringBuilder(store.ConnectionString) { Host = folder }.ConnectionString;
}
