using System.Globalization;

namespace Exchange.Bench.Reporting;

/// <summary>Figures as people read them, the same in table and chart.</summary>
internal static class Figures
{
    public static string Of(double figure) => figure.ToString(figure >= 100 ? "#,0" : "0.##", CultureInfo.InvariantCulture);

    public static string Goal(BenchResult result) => (result.Bounds is BenchGoal.HubAtMost ? "<= " : ">= ") + result.Goal.ToString("#,0.##", CultureInfo.InvariantCulture);

    public static string Verdict(BenchResult result) => result.IsReached ? "reached" : result.Informs ? "missed, informs" : "missed";
}
