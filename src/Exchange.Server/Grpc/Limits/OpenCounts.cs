using System.Collections.Concurrent;

namespace Exchange.Server.Grpc.Limits;

/// <summary>How many of something each key has open at the moment. Keys with none are not kept. Safe for concurrent use.</summary>
internal sealed class OpenCounts<TKey>
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, int> open = new();

    /// <summary>How many the key has open.</summary>
    public int this[TKey key] => open.GetValueOrDefault(key);

    /// <summary>Counts one more unless there are <paramref name="most"/> already.</summary>
    public bool TryOpen(TKey key, int most)
    {
        while (true)
        {
            if (!open.TryGetValue(key, out var count))
            {
                if (open.TryAdd(key, 1))
                {
                    return true;
                }
            }
            else if (count >= most)
            {
                return false;
            }
            else if (open.TryUpdate(key, count + 1, count))
            {
                return true;
            }
        }
    }

    /// <summary>Counts one less.</summary>
    public void Close(TKey key)
    {
        while (open.TryGetValue(key, out var count))
        {
            if (count is 1 ? open.TryRemove(KeyValuePair.Create(key, 1)) : open.TryUpdate(key, count - 1, count))
            {
                return;
            }
        }
    }
}
