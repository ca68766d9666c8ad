namespace Exchange.EventStore.Appending;

/// <summary>What became of a submission. Success means committed durably, with the positions confirmed.</summary>
public sealed record AppendResult
{
    /// <summary>Why nothing (or, over several appenders, not everything) was stored; null when all was.</summary>
    public AppendRefusal? Refusal { get; init; }

    /// <summary>True when the answer is that of an earlier submission with the same key.</summary>
    public bool IsReplay { get; init; }

    /// <summary>One per unit, in the submission's order; empty when refused.</summary>
    public IReadOnlyList<UnitResult> Units { get; init; } = [];

    internal static AppendResult Refused(AppendRefusal refusal) => new() { Refusal = refusal };
}
