namespace Exchange.Clients.Feed;

/// <summary>Where a follower is: to be stored with the effect of what it followed.</summary>
/// <param name="Checkpoint">The hub's checkpoint; opaque, and good for this client and this request only.</param>
/// <param name="Through">Last covered position of each partition, so that the proof of coverage goes on after a restart.</param>
public sealed record StoredCheckpoint(string Checkpoint, IReadOnlyDictionary<int, long> Through);
