namespace Exchange.EventStore.Appending;

/// <summary>An expected "no" of the store or of the deciding handler.</summary>
/// <param name="Reason">Why, stable.</param>
/// <param name="Message">For people: lower case, no final stop, no values.</param>
public sealed record AppendRefusal(AppendRefusalReason Reason, string Message)
{
    /// <summary>What the handler gave to <see cref="AppendContext.Refuse(object)"/>; null for the store's own refusals.</summary>
    public object? Detail { get; init; }

    /// <summary>When a repeat may succeed; null when it will not without a change.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>Why an append was refused. Nothing of the refused part is stored.</summary>
public enum AppendRefusalReason
{
    /// <summary>The handler refused; see <see cref="AppendRefusal.Detail"/>.</summary>
    Decision,

    /// <summary>The idempotency key was used for another request.</summary>
    KeyReused,

    /// <summary>A stream is not at the expected version.</summary>
    StaleVersion,

    /// <summary>The queue is full; retry later.</summary>
    Overloaded,

    /// <summary>The database's volume has too little free space; reads go on.</summary>
    DiskNearlyFull,

    /// <summary>The database could not be reached for too long; certainly not stored.</summary>
    Unavailable,

    /// <summary>This node is stopping; certainly not stored.</summary>
    Closed,
}
