using static Exchange.EventStore.Tests.Appends;

namespace Exchange.EventStore.Tests.Reading;

public sealed class SeveralStreamsTests : IAsyncLifetime
{
    private TestStore store = null!;
    private EventLog log = null!;
    private int partition;

    public async ValueTask InitializeAsync()
    {
        store = await TestStore.CreateAsync("several");
        log = await store.OpenAsync();
        partition = log.Partitions.Records[0];
    }

    public ValueTask DisposeAsync() => store.DisposeAsync();

    [Fact]
    public async Task Several_streams_are_read_each_in_order_and_no_other()
    {
        var streams = Enumerable.Range(0, 3).Select(_ => Guid.NewGuid()).ToList();
        for (var round = 1; round <= 4; round++)
        {
            await log.AppendAsync(Unit(partition, [.. streams.Select(stream => Event(stream, $"{round}"))]));
        }

        var events = await log.Reader.ReadStreamsAsync(partition, streams[..2], long.MaxValue, CancellationToken.None);

        Assert.Equal(streams[..2].Order(), events.Select(e => e.StreamId).Distinct().Order());
        Assert.All(events.GroupBy(e => e.StreamId), stream => Assert.Equal([1L, 2L, 3L, 4L], stream.Select(e => e.Version)));
    }

    [Fact]
    public async Task Several_streams_are_read_up_to_a_position_only()
    {
        var stream = Guid.NewGuid();
        var first = (await log.AppendAsync(Unit(partition, Event(stream, "first")))).Units[0].LastPosition;
        await log.AppendAsync(Unit(partition, Event(stream, "second")));

        var events = await log.Reader.ReadStreamsAsync(partition, [stream], first, CancellationToken.None);

        Assert.Equal(1L, Assert.Single(events).Version);
    }

    [Fact]
    public async Task The_hashes_of_a_page_are_those_that_are_stored()
    {
        await log.AppendAsync(Unit(partition, Event(Guid.NewGuid()), Event(Guid.NewGuid()), Event(Guid.NewGuid())));

        var hashes = await log.Reader.ReadHashesAsync(partition, 1, 2, CancellationToken.None);

        Assert.Equal(2, hashes.Count);
        Assert.Equal(await store.ScalarAsync<byte[]>("SELECT head_hash FROM log.log_partition WHERE partition = $1", partition), hashes[1]);
    }
}
