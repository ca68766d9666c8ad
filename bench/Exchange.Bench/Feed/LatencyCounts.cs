namespace Exchange.Bench.Feed;

/// <summary>How many deliveries took how long, in tenths of a millisecond; for many threads.</summary>
internal sealed class LatencyCounts
{
    private const int StepsPerMillisecond = 10;

    private readonly long[] counts = new long[60_000 * StepsPerMillisecond];
    private long all;

    /// <summary>Deliveries counted.</summary>
    public long Count => Interlocked.Read(ref all);

    /// <summary>Counts one; more than a minute counts as a minute.</summary>
    public void Add(TimeSpan latency)
    {
        Interlocked.Increment(ref counts[(int)Math.Clamp(latency.TotalMilliseconds * StepsPerMillisecond, 0, counts.Length - 1)]);
        Interlocked.Increment(ref all);
    }

    /// <summary>Milliseconds that such a share of all did not exceed; NaN of none.</summary>
    public double Percentile(double share)
    {
        var (wanted, seen) = (Math.Ceiling(share * Count), 0L);
        for (var step = 0; step < counts.Length; step++)
        {
            seen += counts[step];
            if (seen > 0 && seen >= wanted)
            {
                return (step + 1) / (double)StepsPerMillisecond;
            }
        }

        return double.NaN;
    }
}
