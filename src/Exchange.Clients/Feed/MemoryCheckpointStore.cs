namespace Exchange.Clients.Feed;

/// <summary>Keeps the checkpoint as long as the program runs.</summary>
public sealed class MemoryCheckpointStore : ICheckpointStore
{
    /// <summary>The last stored checkpoint.</summary>
    public StoredCheckpoint? Stored { get; private set; }

    /// <inheritdoc/>
    public Task<StoredCheckpoint?> LoadAsync(CancellationToken cancellationToken) => Task.FromResult(Stored);

    /// <inheritdoc/>
    public Task SaveAsync(StoredCheckpoint checkpoint, CancellationToken cancellationToken)
    {
        Stored = checkpoint;
        return Task.CompletedTask;
    }
}
