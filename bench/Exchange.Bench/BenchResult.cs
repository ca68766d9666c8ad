using System.Text.Json.Serialization;

namespace Exchange.Bench;

/// <summary>One operation measured beside its physical limit in the same run; medians over the rounds.</summary>
/// <param name="Name">Name on the command line, e.g. <c>push</c>.</param>
/// <param name="Unit">What both figures count.</param>
/// <param name="Hub">The hub's median.</param>
/// <param name="Limit">The limit's median; null where there is none.</param>
/// <param name="Ratio">Median of the rounds' own ratios hub / limit.</param>
/// <param name="Goal">Ratio to reach (or bound to keep, see <paramref name="Unit"/>).</param>
/// <param name="Rounds">Every round's pair, in order.</param>
public sealed record BenchResult(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("unit")] string Unit,
    [property: JsonPropertyName("hub")] double Hub,
    [property: JsonPropertyName("limit")] double? Limit,
    [property: JsonPropertyName("ratio")] double? Ratio,
    [property: JsonPropertyName("goal")] double Goal,
    [property: JsonPropertyName("rounds")] IReadOnlyList<BenchRound> Rounds)
{
    /// <summary>True when lower figures are better and <see cref="Goal"/> bounds <see cref="Hub"/> from above.</summary>
    [JsonIgnore]
    public bool LowerIsBetter { get; init; }

    /// <summary>True when missing the goal is told but is no failure: figures that another machine would not reach or would surpass.</summary>
    [JsonIgnore]
    public bool Informs { get; init; }

    /// <summary>True when <see cref="Limit"/> cannot be surpassed, so that <see cref="Ratio"/> is a share; false when it is another way to do the same.</summary>
    [JsonIgnore]
    public bool IsShare { get; init; } = true;

    /// <summary>True when the goal is reached.</summary>
    [JsonIgnore]
    public bool Reached => LowerIsBetter ? Hub <= Goal : Ratio >= Goal;

    /// <summary>The result of rounds measured in turn.</summary>
    public static BenchResult Of(string name, string unit, double goal, IReadOnlyList<BenchRound> rounds) =>
        new(name, unit, Median(rounds.Select(r => r.Hub)), Median(rounds.Select(r => r.Limit!.Value)), Median(rounds.Select(r => r.Hub / r.Limit!.Value)), goal, rounds);

    /// <summary>The result of rounds whose figure must stay below a bound.</summary>
    public static BenchResult Bound(string name, string unit, double bound, IReadOnlyList<BenchRound> rounds) =>
        new(name, unit, Median(rounds.Select(r => r.Hub)), null, null, bound, rounds) { LowerIsBetter = true };

    private static double Median(IEnumerable<double> figures)
    {
        var sorted = figures.Order().ToArray();
        return sorted.Length % 2 is 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
