namespace Exchange.Server.Identity;

/// <summary>Counts by key within the current minute, in bounded memory: keys beyond <paramref name="capacity"/> are not counted, and nobody is refused for them.</summary>
internal sealed class MinuteCounter<TKey>(TimeProvider time, int capacity)
    where TKey : notnull
{
    private readonly Lock turn = new();
    private Dictionary<TKey, int> counts = [];
    private long minute;

    /// <summary>Adds one.</summary>
    public void Add(TKey key)
    {
        lock (turn)
        {
            Turn();
            if (counts.Count < capacity || counts.ContainsKey(key))
            {
                counts[key] = counts.GetValueOrDefault(key) + 1;
            }
        }
    }

    /// <summary>The count of this minute.</summary>
    public int Count(TKey key)
    {
        lock (turn)
        {
            Turn();
            return counts.GetValueOrDefault(key);
        }
    }

    private void Turn()
    {
        var now = time.GetUtcNow().Ticks / TimeSpan.TicksPerMinute;
        if (now != minute)
        {
            minute = now;
            counts = [];
        }
    }
}
