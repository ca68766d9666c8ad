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

    /// <summary>True when the goal is reached.</summary>
    [JsonIgnore]
    public bool Reached => LowerIsBetter ? Hub <= Goal : Ratio >= Goal;

    /// <summary>The result of rounds measured in turn.</summary>
    public static BenchResult Of(string name, string unit, double goal, IReadOnlyList<BenchRound> rounds) =>
        new(name, unit, Median(rounds.Select(r => r.Hub)), Median(rounds.Select(r => r.Limit)), Median(rounds.Select(r => r.Hub / r.Limit)), goal, rounds);

    private static double Median(IEnumerable<double> figures)
    {
        var sorted = figures.Order().ToArray();
        return sorted.Length % 2 is 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
