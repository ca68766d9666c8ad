using Exchange.EventStore.Appending;
using Exchange.EventStore.Chain;
using Npgsql;

namespace Exchange.EventStore.Committing;

/// <summary>
/// The events of a transaction: inserted as columns when they are few, as rows of a copy when they are many. Their bytes are in rented memory: dispose it once
/// they are sent.
/// </summary>
internal sealed class EventRows : IDisposable
{
    private readonly List<Row> rows = [];
    private readonly EventBytes bytes = new();

    public int Count => rows.Count;

    public (int Partition, long Position, byte[] Hash) Last => (rows[^1].Partition.Id, rows[^1].Position, rows[^1].Hash);

    /// <summary>Takes the partition's next position and link of its chain.</summary>
    public long Add(LockedPartition partition, Guid streamId, long version, string type, ReadOnlySpan<byte> payload, AppendUnit unit, long governancePosition)
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
        var room = bytes.Room(EventHash.MostBytes(type, unit.Caller, unit.Client, payload.Length));
        var canonical = bytes.Keep(EventHash.Write(room, hashed, type, unit.Caller, unit.Client, payload));
        var hash = new byte[EventHash.SizeBytes];
        EventHash.Digest(canonical.Span, hash);
        rows.Add(new Row(partition, position, streamId, version, type, canonical, payload.Length, unit, governancePosition, hash));
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
                Parameter.Partition(sql, rows, row => row.Partition.Id),
                Parameter.Of(rows.ConvertAll(row => row.Position)),
                Parameter.Of(rows.ConvertAll(row => row.StreamId)),
                Parameter.Of(rows.ConvertAll(row => row.Version)),
                Parameter.Of(rows.ConvertAll(row => row.Type)),
                Parameter.Of(rows.ConvertAll(row => row.Payload)),
                Parameter.Of(rows.ConvertAll(row => row.Unit.Caller)),
                Parameter.Of(rows.ConvertAll(row => row.Unit.Client)),
                Parameter.Of(rows.ConvertAll(row => row.GovernancePosition)),
                Parameter.Times(rows.ConvertAll(row => row.Partition.RecordedAt.UtcDateTime)),
                Parameter.Of(rows.ConvertAll(row => row.Hash)),
            },
        });
    }

    /// <summary>The same rows for <see cref="AppendSql.CopyEvents"/>, those of a partition together: so they lie on the disk, and so they are read.</summary>
    public CopyRows ToCopy()
    {
        const int Columns = 11;
        var copied = new CopyRows();
        foreach (var row in ByPartition())
        {
            var parts = EventHash.Parts(row.Canonical.Span, row.PayloadBytes);
            copied.BeginRow(Columns);
            copied.Int32(row.Partition.Id);
            copied.Int64(row.Position);
            copied.Uuid(row.StreamId);
            copied.Int64(row.Version);
            copied.Columns(parts.Type);
            copied.Columns(parts.Payload);
            copied.Columns(parts.CallerAndClient);
            copied.Int64(row.GovernancePosition);
            copied.Timestamp(row.Partition.RecordedAt.UtcDateTime);
            copied.Bytes(row.Hash);
        }

        return copied;
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose() => bytes.Dispose();

    private Row[] ByPartition()
    {
        var keys = new long[rows.Count];
        for (var place = 0; place < keys.Length; place++)
        {
            // Those of a partition in the order in which they were added.
            keys[place] = ((long)rows[place].Partition.Id << 32) | (uint)place;
        }

        Row[] sorted = [.. rows];
        Array.Sort(keys, sorted);
        return sorted;
    }

    // A class: as structs, those of a large transaction would make their list a large object.
    private sealed record Row(
        LockedPartition Partition,
        long Position,
        Guid StreamId,
        long Version,
        string Type,
        ReadOnlyMemory<byte> Canonical,
        int PayloadBytes,
        AppendUnit Unit,
        long GovernancePosition,
        byte[] Hash)
    {
        public ReadOnlyMemory<byte> Payload => Canonical[^PayloadBytes..];
    }
}
