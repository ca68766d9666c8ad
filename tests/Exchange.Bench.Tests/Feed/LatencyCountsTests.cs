using Exchange.Bench.Feed;

namespace Exchange.Bench.Tests.Feed;

/// <summary>Percentiles of many deliveries without keeping each.</summary>
public sealed class LatencyCountsTests
{
    [Fact]
    public void A_percentile_is_told_to_a_tenth_of_a_millisecond()
    {
        var counts = new LatencyCounts();
        for (var milliseconds = 1; milliseconds <= 100; milliseconds++)
        {
            counts.Add(TimeSpan.FromMilliseconds(milliseconds));
        }

        Assert.Equal(100, counts.Count);
        Assert.Equal(50.1, counts.Percentile(0.5), 3);
        Assert.Equal(99.1, counts.Percentile(0.99), 3);
    }

    [Fact]
    public void What_is_out_of_range_is_counted_at_its_end()
    {
        var counts = new LatencyCounts();

        counts.Add(TimeSpan.FromMilliseconds(-3));
        counts.Add(TimeSpan.FromHours(1));

        Assert.Equal(0.1, counts.Percentile(0.5), 3);
        Assert.Equal(60_000, counts.Percentile(1), 3);
    }

    [Fact]
    public void Nothing_counted_has_no_percentile() => Assert.Equal(double.NaN, new LatencyCounts().Percentile(0.5));
}
