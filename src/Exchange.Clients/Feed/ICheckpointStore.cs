namespace Exchange.Clients.Feed;

/// <summary>
/// Keeps where a follower is. A follower that stores its checkpoint in the same transaction as its effects sees every change once;
/// it then implements this over its own database.
/// </summary>
public interface ICheckpointStore
{
    /// <summary>The stored checkpoint; null when there is none.</summary>
    Task<StoredCheckpoint?> LoadAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Replaces the stored checkpoint, wholly or not at all. Called when the caller is done with what came up to it: a store that makes the
    /// checkpoint durable must make sure that the effects were durable before.
    /// </summary>
    Task SaveAsync(StoredCheckpoint checkpoint, CancellationToken cancellationToken);
}
