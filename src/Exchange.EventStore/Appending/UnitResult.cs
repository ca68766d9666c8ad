namespace Exchange.EventStore.Appending;

/// <summary>What was stored for one unit. A replay gives exactly what the first gave.</summary>
/// <param name="Partition">The unit's partition.</param>
/// <param name="FirstPosition">Position of its first event; 0 when it stored none.</param>
/// <param name="LastPosition">Position of its last event; all between are its too. 0 when it stored none.</param>
/// <param name="RecordedAt">Time stored with its events, UTC, microseconds; never before that of an earlier event of the partition.</param>
/// <param name="Outcome">Bytes the handler set with <see cref="AppendContext.SetOutcome"/>; empty when it set none.</param>
public readonly record struct UnitResult(int Partition, long FirstPosition, long LastPosition, DateTimeOffset RecordedAt, ReadOnlyMemory<byte> Outcome);
