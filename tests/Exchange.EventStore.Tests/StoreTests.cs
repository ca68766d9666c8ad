using Microsoft.Extensions.Logging.Abstractions;
using static Exchange.EventStore.Tests.Appends;

namespace Exchange.EventStore.Tests;

public sealed class StoreTests
{
    [Fact]
    public async Task A_renewed_generation_changes_checkpoints_and_nothing_else()
    {
        await using var store = await TestStore.CreateAsync("generation");
        var before = await store.OpenAsync();

        var renewed = await StoreGeneration.RenewAsync(store.ConnectionString, CancellationToken.None);
        var after = await store.OpenAsync();

        Assert.NotEqual(before.Generation, after.Generation);
        Assert.Equal(renewed, after.Generation);
        Assert.Equal(before.StoreId, after.StoreId);
    }

    [Fact]
    public async Task Every_partition_has_one_slot_and_records_are_spread_over_all_of_theirs()
    {
        await using var store = await TestStore.CreateAsync("partitions");
        var partitions = (await store.OpenAsync()).Partitions;

        var counts = Enumerable.Range(0, 32_000).Select(_ => partitions.ForRecord(Guid.NewGuid())).CountBy(partition => partition).ToDictionary();

        Assert.Equal(32, partitions.Records.Distinct().Count());
        Assert.Equal(37, partitions.All.Distinct().Count());
        Assert.Equal(partitions.Records.Order(), counts.Keys.Order());
        Assert.All(counts.Values, count => Assert.InRange(count, 800, 1_200));
    }

    [Fact]
    public async Task Where_a_stream_and_a_key_are_never_changes()
    {
        await using var store = await TestStore.CreateAsync("partitions");
        var partitions = (await store.OpenAsync()).Partitions;

        // What is stored is found by these: another answer is another store. The values are those of a second implementation.
        Assert.Equal([16, 18, 1004, 8], [
            partitions.ForRecord(new Guid("00000000-0000-0000-0000-000000000001")),
            partitions.ForRecord(new Guid("6ba7b810-9dad-11d1-80b4-00c04fd430c8")),
            partitions.ForAudit(new Guid("6ba7b810-9dad-11d1-80b4-00c04fd430c8")),
            partitions.ForKey("tax-client", "key-1"),
        ]);
    }

    [Fact]
    public async Task Nodes_that_start_at_once_on_a_day_when_ranges_are_made_and_dropped_all_start()
    {
        await using var store = await TestStore.CreateAsync("starting");
        await store.OpenAsync();
        var later = new SettableTime(DateTimeOffset.UtcNow.AddDays(900));

        var nodes = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => EventLog.OpenAsync(store.Options, later, NullLoggerFactory.Instance, CancellationToken.None)));

        foreach (var node in nodes)
        {
            Assert.Null((await node.AppendAsync(Key(Guid.NewGuid().ToString()), Unit(node.Partitions.Records[0], Event(Guid.NewGuid())))).Refusal);
            await node.DisposeAsync();
        }
    }

    [Fact]
    public void A_volume_tells_its_free_space()
    {
        var free = new VolumeSpace(Path.GetTempPath()).FreeBytes();

        Assert.InRange(free ?? 0, 1, long.MaxValue);
    }
}
