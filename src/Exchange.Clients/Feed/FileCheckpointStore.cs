using System.Text.Json;

namespace Exchange.Clients.Feed;

/// <summary>
/// Keeps the checkpoint in a file, replaced by an atomic rename after it is on disk. It knows nothing of what the caller does with the
/// changes: write that through to the disk (<see cref="FileStream.Flush(bool)"/>) before the next message is asked for. Else a loss of power may leave a
/// checkpoint that is ahead of the output, and what is between the two never comes again.
/// </summary>
public sealed class FileCheckpointStore(string path) : ICheckpointStore
{
    /// <inheritdoc/>
    public async Task<StoredCheckpoint?> LoadAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            await using var file = File.OpenRead(path);
            return await JsonSerializer.DeserializeAsync<StoredCheckpoint>(file, JsonSerializerOptions.Web, cancellationToken)
                is { Checkpoint.Length: > 0, Through: not null } stored ? stored : throw new JsonException();
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"`{path}` is no checkpoint file; restore it, or delete it to begin anew", e);
        }
    }

    /// <inheritdoc/>
    public async Task SaveAsync(StoredCheckpoint checkpoint, CancellationToken cancellationToken)
    {
        var next = path + ".new";
        await using (var file = new FileStream(next, FileMode.Create, FileAccess.Write))
        {
            await JsonSerializer.SerializeAsync(file, checkpoint, JsonSerializerOptions.Web, cancellationToken);
            file.Flush(flushToDisk: true);
        }

        File.Move(next, path, overwrite: true);
    }
}
