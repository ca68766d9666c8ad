using Exchange.Clients.Feed;

namespace Exchange.Clients.Tests.Feed;

public sealed class FileCheckpointStoreTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("checkpoint-");

    [Fact]
    public async Task What_was_saved_last_is_loaded_with_its_positions()
    {
        var path = Path.Combine(_folder.FullName, "c.json");
        var cancellation = TestContext.Current.CancellationToken;
        var store = new FileCheckpointStore(path);
        Assert.Null(await store.LoadAsync(cancellation));

        await store.SaveAsync(new StoredCheckpoint("one", new Dictionary<int, long> { [1] = 2 }), cancellation);
        await store.SaveAsync(new StoredCheckpoint("two", new Dictionary<int, long> { [1] = 9, [32] = 4 }), cancellation);

        var loaded = await new FileCheckpointStore(path).LoadAsync(cancellation);
        Assert.Equal("two", loaded?.Checkpoint);
        Assert.Equal([new(1, 9), new(32, 4)], loaded!.Through.OrderBy(t => t.Key));
        Assert.Equal(["c.json"], _folder.GetFiles().Select(f => f.Name));
    }

    [Fact]
    public async Task A_file_that_is_no_checkpoint_is_refused_rather_than_taken_for_a_beginning()
    {
        var path = Path.Combine(_folder.FullName, "c.json");
        await File.WriteAllTextAsync(path, "{}", TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<InvalidDataException>(() => new FileCheckpointStore(path).LoadAsync(TestContext.Current.CancellationToken));
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
