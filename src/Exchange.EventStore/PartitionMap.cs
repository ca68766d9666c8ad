using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Exchange.EventStore;

/// <summary>Which partitions there are and what goes where. Read from table `log.partition_slot`; the same for the life of a store.</summary>
public sealed class PartitionMap
{
    private readonly int[] records;
    private readonly int[] audits;

    internal PartitionMap(IEnumerable<(string Kind, int Slot, int Partition)> rows)
    {
        var slots = rows
            .GroupBy(row => row.Kind)
            .ToDictionary(kind => kind.Key, kind => kind.OrderBy(row => row.Slot).Select(row => row.Partition).ToArray());
        Records = records = slots["record"];
        Governance = slots["governance"][0];
        Audits = audits = slots["audit"];
        All = [.. slots.Values.SelectMany(partitions => partitions).Order()];
    }

    /// <summary>Record partitions in slot order.</summary>
    public IReadOnlyList<int> Records { get; }

    /// <summary>The one partition of departments, catalog, grants and policies; its positions are the policy revisions.</summary>
    public int Governance { get; }

    /// <summary>Audit partitions in slot order.</summary>
    public IReadOnlyList<int> Audits { get; }

    /// <summary>All partitions, ascending.</summary>
    public IReadOnlyList<int> All { get; }

    /// <summary>The record partition of a record's stream.</summary>
    public int ForRecord(Guid streamId) => records[SlotOf(streamId, records.Length)];

    /// <summary>The audit partition of an audit stream.</summary>
    public int ForAudit(Guid streamId) => audits[SlotOf(streamId, audits.Length)];

    /// <summary>The record partition that keeps an idempotency key.</summary>
    public int ForKey(string client, string key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{client}\0{key}"), hash);
        return records[Slot(BinaryPrimitives.ReadUInt64BigEndian(hash), records.Length)];
    }

    private static int SlotOf(Guid streamId, int count)
    {
        Span<byte> bytes = stackalloc byte[16];
        streamId.TryWriteBytes(bytes, bigEndian: true, out _);
        var mixed = BinaryPrimitives.ReadUInt64BigEndian(bytes) ^ BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        return Slot(mixed, count);
    }

    // INVARIANT: never changed; it says where stored streams are. Finaliser of SplitMix64, then the high part of a product.
    private static int Slot(ulong value, int count)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        value ^= value >> 31;
        return (int)Math.BigMul(value, (ulong)count, out _);
    }
}
