namespace Exchange.EventStore;

/// <summary>Free space where the database writes. A wall: the store does not know where its database runs.</summary>
public interface IDiskSpace
{
    /// <summary>Bytes an unprivileged writer may still use; null when that cannot be told now.</summary>
    long? FreeBytes();
}
