namespace Exchange.EventStore.Reading;

/// <summary>What a subscription read in one round trip. Without slices it only says that nothing is new.</summary>
/// <param name="Slices">At most one per partition.</param>
/// <param name="CaughtUp">True when every partition's last known head is reached.</param>
public sealed record SubscriptionBatch(IReadOnlyList<PartitionSlice> Slices, bool CaughtUp)
{
    /// <summary>Position of each subscribed partition after this batch. A copy: keep it.</summary>
    public required IReadOnlyDictionary<int, long> Positions { get; init; }
}
