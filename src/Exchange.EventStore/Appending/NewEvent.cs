namespace Exchange.EventStore.Appending;

/// <summary>An event to store as it is, for an <see cref="EventUnit"/>.</summary>
/// <param name="StreamId">The stream.</param>
/// <param name="Type">Stored type name, a word of ours such as `read-intended`. At most 100 characters.</param>
/// <param name="Payload">Protobuf bytes.</param>
public sealed record NewEvent(Guid StreamId, string Type, ReadOnlyMemory<byte> Payload)
{
    /// <summary>Version the stream must have before this event: 0 means none yet; null means any.</summary>
    public long? ExpectedVersion { get; init; }
}
