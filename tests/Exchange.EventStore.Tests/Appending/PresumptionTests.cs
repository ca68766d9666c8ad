using Exchange.EventStore.Appending;
using Npgsql;
using static Exchange.EventStore.Tests.Appends;

namespace Exchange.EventStore.Tests.Appending;

/// <summary>Handlers that leave out the reads of what they presume not to be there.</summary>
public sealed class PresumptionTests : IAsyncLifetime
{
    private TestStore store = null!;
    private EventLog log = null!;
    private int partition;

    public async ValueTask InitializeAsync()
    {
        store = await TestStore.CreateAsync("presumption");
        log = await store.OpenAsync(options => options with { Appenders = 1 });
        partition = log.Partitions.Records[0];
    }

    public ValueTask DisposeAsync() => store.DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(CopyRows.Worthwhile)]
    public async Task What_was_presumed_rightly_is_not_read(int count)
    {
        var presuming = new Presuming(partition, [.. Enumerable.Range(0, count).Select(_ => Guid.NewGuid())]);

        var result = await log.AppendAsync(presuming.Unit);

        Assert.Null(result.Refusal);
        Assert.Equal([true], presuming.Attempts);
        Assert.Equal((1L, (long)count), (result.Units[0].FirstPosition, result.Units[0].LastPosition));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(CopyRows.Worthwhile)]
    public async Task What_was_presumed_wrongly_is_read_and_decided_again(int count)
    {
        List<Guid> streams = [.. Enumerable.Range(0, count).Select(_ => Guid.NewGuid())];
        await log.AppendAsync(Unit(partition, Event(streams[^1])));
        var presuming = new Presuming(partition, streams);

        var result = await log.AppendAsync(presuming.Unit);

        Assert.Null(result.Refusal);
        Assert.Equal([true, false], presuming.Attempts);
        Assert.Equal((2L, 1L + count), (result.Units[0].FirstPosition, result.Units[0].LastPosition));
        Assert.Equal([1L, 2L], (await log.Reader.ReadStreamAsync(partition, streams[^1], 0, CancellationToken.None).ToListAsync()).Select(e => e.Version));
        Assert.Equal(1L + count, await store.ScalarAsync<long>("SELECT head FROM log.log_partition WHERE partition = $1", partition));
    }

    [Fact]
    public async Task A_broken_key_that_nobody_presumed_about_fails_its_submission_and_those_with_it_go_on()
    {
        var stream = Guid.NewGuid();
        await log.AppendAsync(Unit(partition, Event(stream)));
        var held = await store.HoldAsync(partition);
        var first = log.AppendAsync(Unit(partition, Event(Guid.NewGuid())));
        await store.UntilBlockedAsync();
        var presuming = new Presuming(partition, [Guid.NewGuid()]);
        var right = log.AppendAsync(presuming.Unit);
        var wrong = log.AppendAsync(new ScriptedUnit(partition)
        {
            Caller = "tax",
            Client = "tax-client",
            Decision = context => context.Append(stream, 1, "thing-happened", Bytes("stale")),
        });
        await held.DisposeAsync();

        var thrown = await Assert.ThrowsAsync<PostgresException>(() => wrong);
        var stored = await Task.WhenAll(first, right);

        Assert.Equal(PostgresErrorCodes.UniqueViolation, thrown.SqlState);
        Assert.All(stored, result => Assert.Null(result.Refusal));
        Assert.Equal(3L, await store.ScalarAsync<long>("SELECT head FROM log.log_partition WHERE partition = $1", partition));
    }

    /// <summary>Appends one event to each stream: as the first one when it may presume, else after what it reads.</summary>
    private sealed class Presuming
    {
        private readonly Dictionary<Guid, long> versions = [];

        public Presuming(int partition, IReadOnlyList<Guid> streams)
        {
            Unit = new ScriptedUnit(partition)
            {
                Caller = "tax",
                Client = "tax-client",
                Reads = batch => Read(batch, partition, streams),
                Decision = context =>
                {
                    foreach (var stream in streams)
                    {
                        context.Append(stream, versions.GetValueOrDefault(stream) + 1, "thing-happened", Bytes("payload"));
                    }
                },
            };
        }

        public ScriptedUnit Unit { get; }

        /// <summary>For each attempt, whether it might presume.</summary>
        public List<bool> Attempts { get; } = [];

        private void Read(ReadBatch batch, int partition, IReadOnlyList<Guid> streams)
        {
            versions.Clear();
            Attempts.Add(batch.Presume());
            if (!Attempts[^1])
            {
                batch.Add("SELECT stream_id, max(version) FROM log.event WHERE partition = $1 AND stream_id = ANY ($2) GROUP BY stream_id", async (reader, cancellationToken) =>
                {
                    while (await reader.ReadAsync(cancellationToken))
                    {
                        versions[reader.GetGuid(0)] = reader.GetInt64(1);
                    }
                }).With(partition, streams.ToArray());
            }
        }
    }
}
