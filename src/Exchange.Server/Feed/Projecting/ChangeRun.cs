using Exchange.Server.Audit;

namespace Exchange.Server.Feed;

/// <summary>What a reader sees of some events of one partition that follow each other, as it goes over the wire: `changes` of a `FeedBatch`.</summary>
/// <param name="partition">The partition.</param>
/// <param name="after">Position before the first event.</param>
/// <param name="ends">Where in the bytes the change of each event ends; where the one before ends when the reader sees nothing of it.</param>
/// <param name="bytes">The changes, each with its tag and length.</param>
/// <param name="owners">Who owns what is shown of each event; empty where no owner depends on the record.</param>
internal sealed class ChangeRun(int partition, long after, ReadOnlyMemory<int> ends, ReadOnlyMemory<byte> bytes, ReadOnlyMemory<OwnerSet> owners = default)
{
    /// <summary>The partition.</summary>
    public int Partition { get; } = partition;

    /// <summary>Position before the first event.</summary>
    public long After { get; } = after;

    /// <summary>Events covered.</summary>
    public int Events => ends.Length;

    /// <summary>Where in <see cref="Bytes"/> the change of each event ends.</summary>
    public ReadOnlySpan<int> Ends => ends.Span;

    /// <summary>Who owns what is shown of each event; empty where no owner depends on the record.</summary>
    public ReadOnlySpan<OwnerSet> Owners => owners.Span;

    /// <summary>What it takes beside its changes, in bytes.</summary>
    public long IndexBytes => (ends.Length * (long)sizeof(int)) + (owners.Length * (long)sizeof(ulong));

    /// <summary>The changes.</summary>
    public ReadOnlyMemory<byte> Bytes { get; } = bytes;

    /// <summary>The same with memory of its own, no more than it needs.</summary>
    public ChangeRun Copy() => new(Partition, After, ends.ToArray(), Bytes.ToArray(), owners.ToArray());
}
