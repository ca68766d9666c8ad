namespace Exchange.Bench.Reporting;

/// <summary>What a goal bounds.</summary>
public enum BenchGoal
{
    /// <summary>The ratio hub / limit is at least the goal.</summary>
    RatioAtLeast,

    /// <summary>The hub's figure is at most the goal.</summary>
    HubAtMost,

    /// <summary>The hub's figure is at least the goal.</summary>
    HubAtLeast,
}
