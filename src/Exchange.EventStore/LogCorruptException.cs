namespace Exchange.EventStore;

/// <summary>The log does not hold what its heads say: stop, keep a copy, and verify the chain.</summary>
public sealed class LogCorruptException : Exception
{
    /// <summary>Names the first bad place.</summary>
    public LogCorruptException(int partition, long position, string what)
        : base($"partition {partition}, position {position}: {what}")
    {
        Partition = partition;
        Position = position;
    }

    /// <summary>The partition.</summary>
    public int Partition { get; }

    /// <summary>First bad position.</summary>
    public long Position { get; }
}
