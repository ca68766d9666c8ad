namespace Exchange.EventStore.Reading;

/// <summary>Asks the database for all heads at least every <see cref="EventLogOptions.PollInterval"/>; appends of this node are known at once.</summary>
public sealed class HeadMonitor
{
    /// <summary>The partition's head, and how long ago the database last confirmed it.</summary>
    public HeadConfirmation Confirm(int partition) => throw new NotSupportedException();

    /// <summary>Heads of all partitions. A copy.</summary>
    public IReadOnlyDictionary<int, long> Snapshot() => throw new NotSupportedException();

    /// <summary>Completes when the partition's head is known to be at least the given position, or throws when cancelled.</summary>
    public Task WaitForAsync(int partition, long position, CancellationToken cancellationToken) => throw new NotSupportedException();
}
