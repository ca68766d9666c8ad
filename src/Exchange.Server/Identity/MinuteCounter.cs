namespace Exchange.Server.Identity;

/// <summary>Counts by key within the current minute, in bounded memory: keys beyond <paramref name="capacity"/> share one count.</summary>
internal sealed class MinuteCounter<TKey>(TimeProvider time, int capacity, TKey others)
    where TKey : notnull
{
    private readonly Lock turn = new();
    private Dictionary<TKey, int> counts = [];
    private long minute;

    /// <summary>Adds one and returns the count of this minute.</summary>
    public int Add(TKey key)
    {
        lock (turn)
        {
            Turn();
            var counted = counts.Count < capacity || counts.ContainsKey(key) ? key : others;
            return counts[counted] = counts.GetValueOrDefault(counted) + 1;
        }
    }

    /// <summary>The count of this minute.</summary>
    public int Count(TKey key)
    {
        lock (turn)
        {
            Turn();
            return counts.GetValueOrDefault(counts.ContainsKey(key) || counts.Count < capacity ? key : others);
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
