namespace Exchange.EventStore.Sealing;

/// <summary>
/// Opened data keys, bounded: two generations, the older of which is dropped when the younger is full. An entry counts only while its
/// partition's key epoch, which every destruction raises, is the one it was loaded under.
/// </summary>
internal sealed class DataKeyCache(int capacity)
{
    private readonly Lock gate = new();
    private readonly Dictionary<int, long> epochs = [];
    private Dictionary<(int Partition, Guid StreamId), (DataKey Key, long Epoch)> young = [];
    private Dictionary<(int Partition, Guid StreamId), (DataKey Key, long Epoch)> old = [];

    /// <summary>The key, or null when it must be read from the database.</summary>
    public DataKey? Find(int partition, Guid streamId)
    {
        lock (gate)
        {
            var name = (partition, streamId);
            if (!young.TryGetValue(name, out var entry))
            {
                if (!old.TryGetValue(name, out entry))
                {
                    return null;
                }

                Keep(name, entry);
            }

            return entry.Epoch == epochs.GetValueOrDefault(partition) ? entry.Key : null;
        }
    }

    /// <summary>Keeps a key that was read or made when the partition's epoch was the given one.</summary>
    public void Add(DataKey key, long epoch)
    {
        lock (gate)
        {
            Raise(key.Partition, epoch);
            Keep((key.Partition, key.StreamId), (key, epoch));
        }
    }

    /// <summary>Tells the partition's epoch as read from the database; entries of earlier ones count no longer.</summary>
    public void NoteEpoch(int partition, long epoch)
    {
        lock (gate)
        {
            Raise(partition, epoch);
        }
    }

    private void Raise(int partition, long epoch)
    {
        if (epoch > epochs.GetValueOrDefault(partition))
        {
            epochs[partition] = epoch;
        }
    }

    private void Keep((int Partition, Guid StreamId) name, (DataKey Key, long Epoch) entry)
    {
        if (young.Count >= Math.Max(1, capacity / 2))
        {
            (old, young) = (young, []);
        }

        young[name] = entry;
    }
}
