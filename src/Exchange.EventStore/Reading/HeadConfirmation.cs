namespace Exchange.EventStore.Reading;

/// <summary>A partition's head as this node last heard of it.</summary>
/// <param name="Head">Position of its last event.</param>
/// <param name="Age">Time since the database was last asked with success; everything committed before that is at or below the head.</param>
public readonly record struct HeadConfirmation(long Head, TimeSpan Age);
