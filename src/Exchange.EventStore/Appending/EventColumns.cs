using Exchange.EventStore.Chain;

namespace Exchange.EventStore.Appending;

/// <summary>The events of a transaction as columns, the shape in which they are inserted.</summary>
internal sealed class EventColumns
{
    public List<int> Partition { get; } = [];

    public List<long> Position { get; } = [];

    public List<Guid> StreamId { get; } = [];

    public List<long> Version { get; } = [];

    public List<string> Type { get; } = [];

    public List<ReadOnlyMemory<byte>> Payload { get; } = [];

    public List<string> Caller { get; } = [];

    public List<string> Client { get; } = [];

    public List<long> GovernancePosition { get; } = [];

    public List<DateTime> RecordedAt { get; } = [];

    public List<byte[]> Hash { get; } = [];

    public int Count => Partition.Count;

    /// <summary>Takes the partition's next position and link of its chain. The payload's bytes are kept as they are until the commit.</summary>
    public long Add(LockedPartition partition, Guid streamId, long version, string type, ReadOnlyMemory<byte> payload, AppendUnit unit, long governancePosition)
    {
        var position = partition.Head + 1;
        var hash = EventHash.Compute(
            partition.HeadHash, partition.Id, position, streamId, version, partition.RecordedAt.ToMicros(), governancePosition, type, unit.Caller, unit.Client, payload.Span);
        Partition.Add(partition.Id);
        Position.Add(position);
        StreamId.Add(streamId);
        Version.Add(version);
        Type.Add(type);
        Payload.Add(payload);
        Caller.Add(unit.Caller);
        Client.Add(unit.Client);
        GovernancePosition.Add(governancePosition);
        RecordedAt.Add(partition.RecordedAt.UtcDateTime);
        Hash.Add(hash);
        partition.Head = position;
        partition.HeadHash = hash;
        return position;
    }
}
