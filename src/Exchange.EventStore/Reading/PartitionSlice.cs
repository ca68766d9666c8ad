namespace Exchange.EventStore.Reading;

/// <summary>A contiguous piece of one partition: every event with After &lt; position ≤ Through, in order.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="After">Position before the first event.</param>
/// <param name="Through">Position of the last event.</param>
/// <param name="Events">Through − After events.</param>
public sealed record PartitionSlice(int Partition, long After, long Through, IReadOnlyList<StoredEvent> Events);
