using Exchange.EventStore.Appending;
using Exchange.EventStore.Chain;
using Npgsql;

namespace Exchange.EventStore.Committing;

/// <summary>The events of a transaction as columns, the shape in which they are inserted.</summary>
internal sealed class EventColumns
{
    private readonly List<int> partitions = [];
    private readonly List<long> positions = [];
    private readonly List<Guid> streamIds = [];
    private readonly List<long> versions = [];
    private readonly List<string> types = [];
    private readonly List<ReadOnlyMemory<byte>> payloads = [];
    private readonly List<string> callers = [];
    private readonly List<string> clients = [];
    private readonly List<long> governancePositions = [];
    private readonly List<DateTime> recordedAt = [];
    private readonly List<byte[]> hashes = [];

    public int Count => partitions.Count;

    public (int Partition, long Position, byte[] Hash) Last => (partitions[^1], positions[^1], hashes[^1]);

    /// <summary>Takes the partition's next position and link of its chain. The payload's bytes are kept as they are until the commit.</summary>
    public long Add(LockedPartition partition, Guid streamId, long version, string type, ReadOnlyMemory<byte> payload, AppendUnit unit, long governancePosition)
    {
        var position = partition.Head + 1;
        var hashed = new HashedEvent
        {
            Previous = partition.HeadHash,
            Partition = partition.Id,
            Position = position,
            StreamId = streamId,
            Version = version,
            RecordedAtMicros = partition.RecordedAt.ToMicros(),
            GovernancePosition = governancePosition,
        };
        var hash = EventHash.Compute(hashed, type, unit.Caller, unit.Client, payload.Span);
        partitions.Add(partition.Id);
        positions.Add(position);
        streamIds.Add(streamId);
        versions.Add(version);
        types.Add(type);
        payloads.Add(payload);
        callers.Add(unit.Caller);
        clients.Add(unit.Client);
        governancePositions.Add(governancePosition);
        recordedAt.Add(partition.RecordedAt.UtcDateTime);
        hashes.Add(hash);
        partition.Head = position;
        partition.HeadHash = hash;
        partition.HasEvents = true;
        return position;
    }

    public void AddTo(NpgsqlBatch batch, AppendSql sql)
    {
        batch.BatchCommands.Add(new NpgsqlBatchCommand(sql.InsertEvents)
        {
            Parameters =
            {
                sql == AppendSql.One ? Parameter.Of(partitions[0]) : Parameter.Of(partitions),
                Parameter.Of(positions),
                Parameter.Of(streamIds),
                Parameter.Of(versions),
                Parameter.Of(types),
                Parameter.Of(payloads),
                Parameter.Of(callers),
                Parameter.Of(clients),
                Parameter.Of(governancePositions),
                Parameter.Times(recordedAt),
                Parameter.Of(hashes),
            },
        });
    }

    /// <summary>The same rows for <see cref="AppendSql.CopyEvents"/>, those of a partition together: so they lie on the disk, and so they are read.</summary>
    public CopyRows ToCopy()
    {
        const int Columns = 11;
        var rows = new CopyRows();
        foreach (var index in Enumerable.Range(0, Count).OrderBy(index => partitions[index]))
        {
            rows.BeginRow(Columns);
            rows.Int32(partitions[index]);
            rows.Int64(positions[index]);
            rows.Uuid(streamIds[index]);
            rows.Int64(versions[index]);
            rows.Text(types[index]);
            rows.Bytes(payloads[index].Span);
            rows.Text(callers[index]);
            rows.Text(clients[index]);
            rows.Int64(governancePositions[index]);
            rows.Timestamp(recordedAt[index]);
            rows.Bytes(hashes[index]);
        }

        return rows;
    }
}
