namespace Exchange.EventStore;

/// <summary>One event as it stands in the log.</summary>
public sealed class StoredEvent
{
    /// <summary>The partition.</summary>
    public required int Partition { get; init; }

    /// <summary>Place in the partition, from 1, without gaps, in commit order.</summary>
    public required long Position { get; init; }

    /// <summary>The stream.</summary>
    public required Guid StreamId { get; init; }

    /// <summary>Place in the stream, from 1, without gaps.</summary>
    public required long Version { get; init; }

    /// <summary>Stored type name, a word of ours.</summary>
    public required string Type { get; init; }

    /// <summary>Protobuf bytes; sealed values inside stay sealed.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>Department on whose behalf it was written. May be empty.</summary>
    public required string Caller { get; init; }

    /// <summary>Client that sent it. May be empty; is where brief events were asked for.</summary>
    public required string Client { get; init; }

    /// <summary>Governance position it was decided under; 0 where brief events were asked for.</summary>
    public required long GovernancePosition { get; init; }

    /// <summary>When it was stored, UTC, microseconds; never before that of an earlier event of the partition.</summary>
    public required DateTimeOffset RecordedAt { get; init; }
}
