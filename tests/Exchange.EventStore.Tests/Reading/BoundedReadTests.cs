using Exchange.EventStore.Appending;
using Exchange.Testing;
using static Exchange.EventStore.Tests.Appends;

namespace Exchange.EventStore.Tests.Reading;

[Collection(MemoryCollection.Name)]
public sealed class BoundedReadTests : IAsyncLifetime
{
    private const int Events = 48;
    private const int Mebibyte = 1024 * 1024;

    private readonly Guid stream = Guid.NewGuid();
    private TestStore store = null!;
    private EventLog log = null!;
    private int partition;

    public async ValueTask InitializeAsync()
    {
        store = await TestStore.CreateAsync("bounded");
        log = await store.OpenAsync();
        partition = log.Partitions.Records[0];
        var random = new Random(17);
        for (var version = 1; version <= Events; version++)
        {
            var payload = new byte[Mebibyte];
            random.NextBytes(payload);
            await log.AppendAsync(Unit(partition, new NewEvent(stream, "large", payload)));
        }
    }

    public ValueTask DisposeAsync() => store.DisposeAsync();

    [Fact]
    public async Task A_stream_of_large_events_is_read_with_the_memory_of_a_page()
    {
        var idle = GC.GetTotalMemory(forceFullCollection: true);
        var (versions, most) = (new List<long>(), 0L);
        await foreach (var stored in log.Reader.ReadStreamAsync(partition, stream, 0, CancellationToken.None))
        {
            versions.Add(stored.Version);
            most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - idle);
        }

        Assert.Equal(Enumerable.Range(1, Events).Select(version => (long)version), versions);
        Assert.InRange(most, 0, 12 * Mebibyte);
    }

    [Fact]
    public async Task A_page_of_a_partition_ends_with_the_event_that_reaches_its_bytes()
    {
        var page = await log.Reader.ReadPartitionAsync(partition, 3, 40, (2 * Mebibyte) + 1, CancellationToken.None);
        var least = await log.Reader.ReadPartitionAsync(partition, 3, 40, 1, CancellationToken.None);
        var last = await log.Reader.ReadPartitionAsync(partition, Events - 1, 40, 1, CancellationToken.None);
        var none = await log.Reader.ReadPartitionAsync(partition, Events, 40, 1, CancellationToken.None);
        var few = await log.Reader.ReadPartitionAsync(partition, 3, 2, long.MaxValue, CancellationToken.None);

        Assert.Equal([4L, 5L, 6L], page.Select(stored => stored.Position));
        Assert.Equal([4L], least.Select(stored => stored.Position));
        Assert.Equal([(long)Events], last.Select(stored => stored.Position));
        Assert.Empty(none);
        Assert.Equal([4L, 5L], few.Select(stored => stored.Position));
    }
}
