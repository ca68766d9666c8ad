namespace Exchange.EventStore.Appending;

/// <summary>
/// One caller's write: an optional idempotency key and its units, at most one per partition. What one transaction holds of it is stored whole
/// or not at all; over several appenders it may be stored in part, and a repeat with the same key completes it.
/// </summary>
public sealed record AppendSubmission
{
    /// <summary>Units in the caller's order; results come back in the same order. Not empty, partitions distinct.</summary>
    public required IReadOnlyList<AppendUnit> Units { get; init; }

    /// <summary>Makes a repeat answer what the first answered. Null: a repeat is a new write.</summary>
    public IdempotencyKey? Key { get; init; }

    /// <summary>Partition that keeps the key. Null: a record partition by hash of the key, so that one key is one request wherever its units go.</summary>
    public int? KeyPartition { get; init; }
}
