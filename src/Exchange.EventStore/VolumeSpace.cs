namespace Exchange.EventStore;

/// <summary>Free space of the volume that holds a folder, for a database on this machine.</summary>
/// <param name="folder">The database's data folder.</param>
public sealed class VolumeSpace(string folder) : IDiskSpace
{
    private readonly DriveInfo volume = new(folder);

    /// <inheritdoc/>
    public long? FreeBytes()
    {
        try
        {
            return volume.AvailableFreeSpace;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
