using System.Collections.Concurrent;
using System.Threading.RateLimiting;

namespace Exchange.Server.Grpc.Limits;

/// <summary>
/// One rate for each of many keys: a bucket that holds what comes in within a second and fills up continuously. So many come at once, and over a minute at
/// most a sixtieth more than the rate. Full buckets are forgotten, as a new one is full; keys beyond <see cref="MostKeys"/> share one. Safe for concurrent use.
/// </summary>
internal sealed class Rates<TKey>
    where TKey : notnull
{
    /// <summary>Keys with a bucket of their own.</summary>
    public const int MostKeys = 10_000;

    private static readonly long LeastFilling = TimeSpan.TicksPerMillisecond;

    private readonly ConcurrentDictionary<TKey, TokenBucketRateLimiter> buckets = new();
    private readonly Func<TKey, TokenBucketRateLimiter> make;
    private readonly TokenBucketRateLimiter others;

    /// <param name="count">So many in a period, from 1.</param>
    /// <param name="period">A second or more.</param>
    public Rates(long count, TimeSpan period)
    {
        // As many tokens at a time as take a millisecond, or one that takes longer: what is told to a refused caller is as fine as that.
        var tokens = Math.Max(1, (count * LeastFilling + period.Ticks - 1) / period.Ticks);
        var options = new TokenBucketRateLimiterOptions
        {
            TokenLimit = (int)Math.Max(1, count * TimeSpan.TicksPerSecond / period.Ticks),
            TokensPerPeriod = (int)tokens,
            ReplenishmentPeriod = TimeSpan.FromTicks(tokens * period.Ticks / count),
            AutoReplenishment = false,
            QueueLimit = 0,
        };
        make = _ => new TokenBucketRateLimiter(options);
        others = make(default!);
    }

    /// <summary>Keys that have a bucket now.</summary>
    public int Count => buckets.Count;

    /// <summary>Counts one; when there was one too many, says how long until there is room for one again.</summary>
    public bool TryTake(TKey key, out TimeSpan retryAfter)
    {
        if (!buckets.TryGetValue(key, out var bucket))
        {
            bucket = buckets.Count < MostKeys ? buckets.GetOrAdd(key, make) : others;
        }

        bucket.TryReplenish();
        using var lease = bucket.AttemptAcquire();
        retryAfter = lease.IsAcquired ? default : lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.FromSeconds(1);
        return lease.IsAcquired;
    }

    /// <summary>Forgets the buckets that are full.</summary>
    public void Forget()
    {
        foreach (var (key, bucket) in buckets)
        {
            // Only a bucket that is full is idle.
            bucket.TryReplenish();
            if (bucket.IdleDuration is not null)
            {
                buckets.TryRemove(KeyValuePair.Create(key, bucket));
            }
        }
    }
}
