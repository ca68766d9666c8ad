using Exchange.Bench.Reporting;

namespace Exchange.Bench.Tests.Reporting;

/// <summary>Medians and percentiles.</summary>
public sealed class StatisticsTests
{
    [Theory]
    [InlineData(new[] { 3.0, 1, 2 }, 2)]
    [InlineData(new[] { 4.0, 1, 2, 3 }, 2.5)]
    [InlineData(new[] { 7.0 }, 7)]
    [InlineData(new double[0], double.NaN)]
    public void The_median_is_the_middle_whatever_the_order(double[] figures, double median) => Assert.Equal(median, Statistics.Median(figures));

    [Theory]
    [InlineData(0.5, 50)]
    [InlineData(0.99, 99)]
    [InlineData(0.999, 100)]
    [InlineData(1, 100)]
    public void A_percentile_is_the_smallest_figure_that_such_a_share_does_not_exceed(double share, double figure) =>
        Assert.Equal(figure, Statistics.Percentile(Enumerable.Range(1, 100).Reverse().Select(i => (double)i), share));

    [Fact]
    public void The_ratio_is_the_median_of_the_rounds_own_ratios()
    {
        var result = BenchResult.Of("push", "records/s", 0.5, [new(10, 100), new(90, 100), new(30, 50)]);

        Assert.Equal((30, 100, 0.6), (result.Hub, result.Limit, result.Ratio));
        Assert.Equal([0.1, 0.6, 0.9], result.Spread);
    }

    [Fact]
    public void A_goal_bounds_the_ratio_or_the_figure_from_above_or_from_below()
    {
        var rounds = new BenchRound[] { new(10, 40) };

        Assert.False(BenchResult.Of("a", "", 0.5, rounds).IsReached);
        Assert.True(BenchResult.Of("a", "", 0.25, rounds).IsReached);
        Assert.True(BenchResult.AtMost("a", "", 10, rounds).IsReached);
        Assert.False(BenchResult.AtMost("a", "", 9, rounds).IsReached);
        Assert.True(BenchResult.AtLeast("a", "", 10, rounds).IsReached);
        Assert.False(BenchResult.AtLeast("a", "", 11, rounds).IsReached);
    }
}
