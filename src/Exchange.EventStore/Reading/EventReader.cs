namespace Exchange.EventStore.Reading;

/// <summary>Reads the log in pages, each in a transaction of its own.</summary>
public sealed class EventReader
{
    /// <summary>Events of a partition with After &lt; position, in order, at most `limit`.</summary>
    public Task<IReadOnlyList<StoredEvent>> ReadPartitionAsync(int partition, long after, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>All events of a stream after a version, in order, read page by page.</summary>
    public IAsyncEnumerable<StoredEvent> ReadStreamAsync(int partition, Guid streamId, long afterVersion, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Heads read from the database now.</summary>
    public Task<IReadOnlyDictionary<int, long>> ReadHeadsAsync(IReadOnlyList<int> partitions, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Position of the last event of a partition recorded at or before a time; 0 when there is none.</summary>
    public Task<long> FindPositionAsync(int partition, DateTimeOffset time, CancellationToken cancellationToken) => throw new NotSupportedException();
}
