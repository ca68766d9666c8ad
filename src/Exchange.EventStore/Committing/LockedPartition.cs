using Exchange.EventStore.Sealing;

namespace Exchange.EventStore.Committing;

/// <summary>A partition whose head this transaction holds.</summary>
internal sealed class LockedPartition
{
    private readonly Dictionary<Guid, long> versions = [];
    private readonly Dictionary<Guid, StreamKey> keys = [];

    private enum KeyState
    {
        Absent,
        Present,
        Destroyed,
    }

    public required int Id { get; init; }

    public required DateTimeOffset RecordedAt { get; init; }

    public required long KeyEpoch { get; init; }

    public required long Head { get; set; }

    public required byte[] HeadHash { get; set; }

    /// <summary>True when this transaction moves the head.</summary>
    public bool HasEvents { get; set; }

    /// <summary>Keys made in this transaction.</summary>
    public List<DataKey> NewKeys { get; } = [];

    public long VersionOf(Guid streamId) => versions.TryGetValue(streamId, out var version)
        ? version
        : throw new InvalidOperationException($"stream {streamId} is not among the unit's versioned streams");

    public void SetVersion(Guid streamId, long version) => versions[streamId] = version;

    public void SetKey(DataKey key) => keys[key.StreamId] = new StreamKey(KeyState.Present, key);

    public void SetKeyDestroyed(Guid streamId) => keys[streamId] = new StreamKey(KeyState.Destroyed, null);

    /// <summary>To be said of every sealed stream before it is looked up.</summary>
    public void SetKeyAbsent(Guid streamId) => keys.TryAdd(streamId, new StreamKey(KeyState.Absent, null));

    public DataKey KeyOf(Guid streamId)
    {
        if (!keys.TryGetValue(streamId, out var known))
        {
            throw new InvalidOperationException($"stream {streamId} is not among the unit's sealed streams");
        }

        switch (known.State)
        {
            case KeyState.Present:
                return known.Key!;
            case KeyState.Destroyed:
                throw new DataKeyDestroyedException(Id, streamId);
            default:
                var created = DataKey.Create(Id, streamId);
                keys[streamId] = new StreamKey(KeyState.Present, created);
                NewKeys.Add(created);
                return created;
        }
    }

    private readonly record struct StreamKey(KeyState State, DataKey? Key);
}
