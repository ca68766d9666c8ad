using Exchange.EventStore.Appending;
using Exchange.EventStore.Reading;
using Exchange.EventStore.Sealing;
using Microsoft.Extensions.Logging;

namespace Exchange.EventStore;

/// <summary>This node's way into the log: appends, reads, subscriptions. One per process and database; several nodes may use one database.</summary>
public sealed class EventLog : IAsyncDisposable
{
    private EventLog()
    {
    }

    /// <summary>Never changes for the life of a store.</summary>
    public Guid StoreId => throw new NotSupportedException();

    /// <summary>Changes when the store is restored from a backup; a checkpoint of another generation must be refused.</summary>
    public Guid Generation => throw new NotSupportedException();

    /// <summary>Which partitions there are.</summary>
    public PartitionMap Partitions => throw new NotSupportedException();

    /// <summary>Heads as this node knows them, and how old that knowledge is.</summary>
    public HeadMonitor Heads => throw new NotSupportedException();

    /// <summary>Data keys of sealed values.</summary>
    public DataKeys Keys => throw new NotSupportedException();

    /// <summary>Reads streams and partitions.</summary>
    public EventReader Reader => throw new NotSupportedException();

    /// <summary>Opens a migrated store and starts its appenders. Throws when the database cannot be reached or the key file does not fit the store.</summary>
    public static Task<EventLog> OpenAsync(EventLogOptions options, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>
    /// Stores a submission's events. Cancelled while it waits in the queue: never stored. Cancelled later: the commit goes on, and a repeat
    /// with the same key tells. Throws what a handler's decision threw, or <see cref="AppendInDoubtException"/>.
    /// </summary>
    public Task<AppendResult> AppendAsync(AppendSubmission submission, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Follows partitions from the given positions (0: from the beginning), catching up first, then live, without end. No snapshot stays open between batches.</summary>
    public IAsyncEnumerable<SubscriptionBatch> SubscribeAsync(IReadOnlyDictionary<int, long> after, SubscriptionOptions options, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>Stops taking appends, commits what is queued, and closes the connections.</summary>
    public ValueTask DisposeAsync() => throw new NotSupportedException();
}
