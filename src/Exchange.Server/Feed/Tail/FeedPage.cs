using Exchange.EventStore.Reading;

namespace Exchange.Server.Feed;

/// <summary>What was read at once. Without slices it only says that nothing is new.</summary>
/// <param name="Slices">At most one per partition.</param>
/// <param name="Shared">What readers see of it, for all that are at the tail; null when it was read for one of them.</param>
internal sealed record FeedPage(IReadOnlyList<PartitionSlice> Slices, SharedChanges? Shared = null)
{
    /// <summary>Nothing new.</summary>
    public static FeedPage Nothing { get; } = new([]);
}
