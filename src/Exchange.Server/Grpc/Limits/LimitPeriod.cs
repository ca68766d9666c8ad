namespace Exchange.Server.Grpc.Limits;

/// <summary>The time in which a limit allows so many calls.</summary>
public enum LimitPeriod
{
    /// <summary>A rate, kept by each node for itself.</summary>
    Second,

    /// <summary>A rate likewise.</summary>
    Minute,

    /// <summary>A quota of each hour of UTC, kept by all nodes together.</summary>
    Hour,

    /// <summary>A quota of each day of UTC, likewise.</summary>
    Day,
}
