namespace Exchange.Clients.Feed;

/// <summary>
/// Keeps where a follower is. A follower that stores its checkpoint in the same transaction as its effects sees every change once;
/// it then implements this over its own database.
/// </summary>
public interface ICheckpointStore
{
    /// <summary>The stored checkpoint; null when there is none.</summary>
    Task<StoredCheckpoint?> LoadAsync(CancellationToken cancellationToken);

    /// <summary>Replaces the stored checkpoint, wholly or not at all.</summary>
    Task SaveAsync(StoredCheckpoint checkpoint, CancellationToken cancellationToken);
}
