namespace Exchange.EventStore.Reading;

/// <summary>How a subscription reads.</summary>
public sealed record SubscriptionOptions
{
    /// <summary>Events per batch, over all its partitions. Default 500, at least 1.</summary>
    public int MaxEvents { get; init => field = Math.Max(1, value); } = 500;

    /// <summary>Payload bytes per batch; a batch holds at least one event. Default 4 MiB.</summary>
    public int MaxBytes { get; init => field = Math.Max(1, value); } = 4 << 20;

    /// <summary>A subscription that has nothing new gives an empty batch this often. Default 10 s.</summary>
    public TimeSpan IdleInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>True: events come without client and governance position, which are empty and 0 then, and cost that much less.</summary>
    public bool IsBrief { get; init; }

    /// <summary>True: ends when every partition reached the head it had when the subscription began.</summary>
    public bool StopAtHead { get; init; }
}
