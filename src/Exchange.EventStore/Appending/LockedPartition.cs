using Exchange.EventStore.Sealing;

namespace Exchange.EventStore.Appending;

/// <summary>A partition whose head this transaction holds.</summary>
internal sealed class LockedPartition
{
    private readonly Dictionary<Guid, long> versions = [];
    private readonly Dictionary<Guid, DataKey?> keys = [];

    public required int Id { get; init; }

    public required DateTimeOffset RecordedAt { get; init; }

    public required long Head { get; set; }

    public required byte[] HeadHash { get; set; }

    public List<DataKey> NewKeys { get; } = [];

    public long VersionOf(Guid streamId) => versions.TryGetValue(streamId, out var version)
        ? version
        : throw new InvalidOperationException($"stream {streamId} is not among the unit's versioned streams");

    public void SetVersion(Guid streamId, long version) => versions[streamId] = version;

    /// <summary>Null: destroyed.</summary>
    public void SetKey(Guid streamId, DataKey? key) => keys[streamId] = key;

    public DataKey KeyOf(Guid streamId)
    {
        if (keys.TryGetValue(streamId, out var key))
        {
            return key ?? throw new DataKeyDestroyedException(Id, streamId);
        }

        var created = DataKey.Create(Id, streamId);
        keys.Add(streamId, created);
        NewKeys.Add(created);
        return created;
    }
}
