using System.Text.Json.Serialization;

namespace Exchange.Bench.Reporting;

/// <summary>One operation measured beside its physical limit in the same run; medians over the rounds.</summary>
/// <param name="Name">Name on the command line, e.g. <c>push</c>, with what is special to this row after a slash.</param>
/// <param name="Unit">What both figures count.</param>
/// <param name="Hub">The hub's median.</param>
/// <param name="Limit">The limit's median; null where there is none.</param>
/// <param name="Ratio">Median of the rounds' own ratios hub / limit.</param>
/// <param name="Goal">Bound to keep; see <see cref="Bounds"/>.</param>
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
    /// <summary>What the goal bounds.</summary>
    [JsonIgnore]
    public BenchGoal Bounds { get; init; }

    /// <summary>True when missing the goal is told but is no failure: figures that another machine would not reach or would surpass.</summary>
    [JsonIgnore]
    public bool Informs { get; init; }

    /// <summary>True when <see cref="Limit"/> can hardly be surpassed, so that <see cref="Ratio"/> is a share; false when it is another way to do the same.</summary>
    [JsonIgnore]
    public bool IsShare { get; init; } = true;

    /// <summary>True when the goal is reached.</summary>
    [JsonIgnore]
    public bool IsReached => Bounds switch
    {
        BenchGoal.HubAtMost => Hub <= Goal,
        BenchGoal.HubAtLeast => Hub >= Goal,
        _ => Ratio >= Goal,
    };

    /// <summary>What the goal bounds, in each round, ascending.</summary>
    [JsonIgnore]
    public IReadOnlyList<double> Spread => [.. Rounds.Select(round => Ratio is null ? round.Hub : round.Hub / round.Limit!.Value).Order()];

    /// <summary>The result of rounds measured in turn.</summary>
    public static BenchResult Of(string name, string unit, double goal, IReadOnlyList<BenchRound> rounds) => new(
        name,
        unit,
        Statistics.Median(rounds.Select(round => round.Hub)),
        Statistics.Median(rounds.Select(round => round.Limit!.Value)),
        Statistics.Median(rounds.Select(round => round.Hub / round.Limit!.Value)),
        goal,
        rounds);

    /// <summary>The result of rounds whose figure must not exceed a bound.</summary>
    public static BenchResult AtMost(string name, string unit, double bound, IReadOnlyList<BenchRound> rounds) =>
        new(name, unit, Statistics.Median(rounds.Select(round => round.Hub)), null, null, bound, rounds) { Bounds = BenchGoal.HubAtMost };

    /// <summary>The result of rounds whose figure must reach a bound.</summary>
    public static BenchResult AtLeast(string name, string unit, double bound, IReadOnlyList<BenchRound> rounds) =>
        AtMost(name, unit, bound, rounds) with { Bounds = BenchGoal.HubAtLeast };
}
