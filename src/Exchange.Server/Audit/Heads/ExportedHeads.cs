namespace Exchange.Server.Audit;

/// <summary>Heads of partitions as they once were, from files outside the database's reach.</summary>
internal sealed class ExportedHeads
{
    private static readonly Dictionary<long, ReadOnlyMemory<byte>> None = [];

    private readonly Dictionary<int, Dictionary<long, ReadOnlyMemory<byte>>> heads = [];

    /// <summary>How many heads there are to compare with.</summary>
    public int Count => heads.Values.Sum(positions => positions.Count);

    /// <summary>Lines whose signature is not this hub's; nothing in them was believed.</summary>
    public int UnsignedCount { get; set; }

    /// <summary>Chain values of a partition by position.</summary>
    public IReadOnlyDictionary<long, ReadOnlyMemory<byte>> Of(int partition) => heads.GetValueOrDefault(partition, None);

    /// <summary>Notes that the partition's chain had this value at this position. An empty partition has nothing to compare.</summary>
    public void Add(int partition, long position, byte[] hash)
    {
        if (position is 0)
        {
            return;
        }

        if (!heads.TryGetValue(partition, out var positions))
        {
            heads.Add(partition, positions = []);
        }

        // Two exports that name other values for one position cannot both be right: keep the first, the chain will differ from one of them.
        positions.TryAdd(position, hash);
    }
}
