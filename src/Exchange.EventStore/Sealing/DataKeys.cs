namespace Exchange.EventStore.Sealing;

/// <summary>The data keys of streams with sealed values, each wrapped by the hub key. Sealing happens in appends; this opens and destroys.</summary>
public sealed class DataKeys
{
    /// <summary>Loads the keys of streams in one round trip (cached ones need none).</summary>
    public ValueTask<SealedValueReader> LoadAsync(IReadOnlyCollection<(int Partition, Guid StreamId)> streams, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Destroys a stream's key: its sealed values are gone for good, on all nodes, and the chain still verifies. False when it never had one.</summary>
    public Task<bool> DestroyAsync(int partition, Guid streamId, CancellationToken cancellationToken) => throw new NotSupportedException();
}
