using System.Collections.Concurrent;

namespace Exchange.Server.Grpc.Limits;

/// <summary>
/// One quota, of each key that calls: what all nodes have stored of the present period and what this one has admitted since. Safe for concurrent use.
/// </summary>
internal sealed class Quota(LimitRule rule, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, Use> uses = new();

    /// <summary>What it limits.</summary>
    public LimitRule Rule { get; } = rule;

    /// <summary>When the present period began.</summary>
    public DateTimeOffset Start => new(Beginning(time.GetUtcNow().Ticks), TimeSpan.Zero);

    /// <summary>Counts one call of a client or department unless its quota is used up; then says how long until the next period.</summary>
    public bool TryTake(string key, out TimeSpan retryAfter)
    {
        var now = time.GetUtcNow().Ticks;
        var use = uses.GetOrAdd(key, static _ => new Use());
        lock (use)
        {
            Turn(use, Beginning(now));
            if (use.Stored + use.Pending < Rule.Count)
            {
                use.Pending++;
                retryAfter = default;
                return true;
            }

            retryAfter = TimeSpan.FromTicks(use.Start + Rule.Length.Ticks - now);
            return false;
        }
    }

    /// <summary>Takes back one call of the present period, which another limit refuses.</summary>
    public void Return(string key)
    {
        if (uses.TryGetValue(key, out var use))
        {
            lock (use)
            {
                use.Pending -= use.Start == Start.UtcTicks ? 1 : 0;
            }
        }
    }

    /// <summary>
    /// What was admitted in the present period and is not stored yet; it stays until <see cref="Store"/> takes it off. What is left of an ended period is
    /// nobody's use any more.
    /// </summary>
    public IReadOnlyList<QuotaUse> Pending()
    {
        List<QuotaUse> pending = [];
        foreach (var (key, use) in uses)
        {
            lock (use)
            {
                if (use.Pending > 0 && use.Start == Start.UtcTicks)
                {
                    pending.Add(new QuotaUse($"{Rule.Key} {key}", Start, use.Pending));
                }
            }
        }

        return pending;
    }

    /// <summary>Takes over what is stored of the present period, and that so many of this node's own are in it now.</summary>
    public void Store(QuotaUse stored, long ownStored)
    {
        if (KeyOf(stored.ScopeKey) is not { } key || stored.PeriodStart != Start)
        {
            return;
        }

        var use = uses.GetOrAdd(key, static _ => new Use());
        lock (use)
        {
            Turn(use, stored.PeriodStart.UtcTicks);
            (use.Stored, use.Pending) = (stored.Used, use.Pending - ownStored);
        }
    }

    /// <summary>True when a stored key is of this quota.</summary>
    public bool Owns(string scopeKey) => KeyOf(scopeKey) is not null;

    private string? KeyOf(string scopeKey) => scopeKey.Length > Rule.Key.Length && scopeKey[Rule.Key.Length] is ' ' && scopeKey.StartsWith(Rule.Key, StringComparison.Ordinal)
        ? scopeKey[(Rule.Key.Length + 1)..]
        : null;

    private long Beginning(long ticks) => ticks - (ticks % Rule.Length.Ticks);

    private static void Turn(Use use, long start)
    {
        if (use.Start != start)
        {
            (use.Start, use.Stored, use.Pending) = (start, 0, 0);
        }
    }

    private sealed class Use
    {
        public long Start { get; set; }

        public long Stored { get; set; }

        public long Pending { get; set; }
    }
}
