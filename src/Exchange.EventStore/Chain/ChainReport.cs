namespace Exchange.EventStore.Chain;

/// <summary>What verifying one partition found.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Through">Last position that is as it was written: the whole partition when there is no fault.</param>
/// <param name="HeadHash">Stored hash at that position (33 bytes: algorithm id, digest); keep it outside the database to notice later what a chain alone
/// cannot show.</param>
/// <param name="Fault">First fault; null when there is none.</param>
public sealed record ChainReport(int Partition, long Through, ReadOnlyMemory<byte> HeadHash, ChainFault? Fault);

/// <summary>The first place where a partition is not as it was written.</summary>
/// <param name="Position">The position.</param>
/// <param name="Kind">What is wrong there.</param>
public sealed record ChainFault(long Position, ChainFaultKind Kind);

/// <summary>What is wrong with a chain.</summary>
public enum ChainFaultKind
{
    /// <summary>There is no event at this position, though the head is at or beyond it.</summary>
    Missing,

    /// <summary>The event, or its hash, was changed.</summary>
    Altered,

    /// <summary>The head's row does not fit the last event, or events stand beyond the head.</summary>
    HeadMismatch,

    /// <summary>The hash at this position is not the one that was noted outside the database: the chain was written anew.</summary>
    NotedHeadDiffers,
}
