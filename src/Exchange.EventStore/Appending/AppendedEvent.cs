namespace Exchange.EventStore.Appending;

/// <summary>Where an event will stand once the transaction commits.</summary>
/// <param name="Position">Place in its partition, from 1.</param>
/// <param name="Version">Place in its stream, from 1.</param>
public readonly record struct AppendedEvent(long Position, long Version);
