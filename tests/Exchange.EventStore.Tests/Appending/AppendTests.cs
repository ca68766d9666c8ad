using Exchange.EventStore.Appending;
using static Exchange.EventStore.Tests.Appends;

namespace Exchange.EventStore.Tests.Appending;

public sealed class AppendTests : IAsyncLifetime
{
    private TestStore store = null!;
    private EventLog log = null!;

    public async ValueTask InitializeAsync()
    {
        store = await TestStore.CreateAsync("append");
        log = await store.OpenAsync();
    }

    public ValueTask DisposeAsync() => store.DisposeAsync();

    [Fact]
    public async Task Appended_events_are_read_back_as_they_were_given()
    {
        var stream = Guid.NewGuid();
        var partition = log.Partitions.ForRecord(stream);

        var result = await log.AppendAsync(Unit(partition, Event(stream, "first"), Event(stream, "second")));

        Assert.Null(result.Refusal);
        var unit = Assert.Single(result.Units);
        var events = await log.Reader.ReadStreamAsync(partition, stream, 0, CancellationToken.None).ToListAsync();
        Assert.Equal([1L, 2L], events.Select(e => e.Version));
        Assert.Equal([unit.FirstPosition, unit.LastPosition], events.Select(e => e.Position));
        Assert.Equal(["first", "second"], events.Select(e => System.Text.Encoding.UTF8.GetString(e.Payload.Span)));
        Assert.All(events, e => Assert.Equal(("thing-happened", "tax", "tax-client", unit.RecordedAt), (e.Type, e.Caller, e.Client, e.RecordedAt)));
    }

    [Fact]
    public async Task A_stale_expected_version_is_refused_and_stores_nothing()
    {
        var stream = Guid.NewGuid();
        var partition = log.Partitions.ForRecord(stream);
        await log.AppendAsync(Unit(partition, Event(stream, expected: 0)));

        var refused = await log.AppendAsync(Unit(partition, Event(stream, expected: 0)));
        var accepted = await log.AppendAsync(Unit(partition, Event(stream, expected: 1)));

        Assert.Equal(AppendRefusalReason.StaleVersion, refused.Refusal?.Reason);
        Assert.Null(accepted.Refusal);
        Assert.Equal(2L, await store.ScalarAsync<long>("SELECT count(*) FROM log.event WHERE stream_id = $1", stream));
    }

    [Fact]
    public async Task One_submission_over_many_partitions_answers_in_its_own_order()
    {
        var streams = Enumerable.Range(0, 64).Select(_ => Guid.NewGuid()).GroupBy(log.Partitions.ForRecord).ToList();

        var result = await log.AppendAsync(streams.ConvertAll(AppendUnit (group) => Unit(group.Key, [.. group.Select(stream => Event(stream))])));

        Assert.Equal(streams.Select(group => group.Key), result.Units.Select(unit => unit.Partition));
        Assert.Equal(streams.Select(group => (long)group.Count()), result.Units.Select(unit => unit.LastPosition - unit.FirstPosition + 1));
    }
}
