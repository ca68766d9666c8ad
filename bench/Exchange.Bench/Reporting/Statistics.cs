namespace Exchange.Bench.Reporting;

/// <summary>Figures of several rounds as one.</summary>
public static class Statistics
{
    /// <summary>The middle one; of an even number, the mean of the two in the middle. NaN of none.</summary>
    public static double Median(IEnumerable<double> figures)
    {
        var sorted = figures.Order().ToArray();
        return sorted switch
        {
            [] => double.NaN,
            _ when sorted.Length % 2 is 1 => sorted[sorted.Length / 2],
            _ => (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2,
        };
    }

    /// <summary>The smallest figure that so large a share of all does not exceed (nearest rank), e.g. 0.99. NaN of none.</summary>
    public static double Percentile(IEnumerable<double> figures, double share)
    {
        var sorted = figures.Order().ToArray();
        return sorted.Length is 0 ? double.NaN : sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
    }
}
