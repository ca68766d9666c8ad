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
