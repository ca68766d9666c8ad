namespace Exchange.EventStore.Sealing;

/// <summary>The stream's data key was destroyed: its sealed values are gone for good and nothing can be sealed under it again.</summary>
public sealed class DataKeyDestroyedException : Exception
{
    /// <summary>Names the stream.</summary>
    public DataKeyDestroyedException(int partition, Guid streamId)
        : base($"the data key of stream {streamId} in partition {partition} was destroyed")
    {
        Partition = partition;
        StreamId = streamId;
    }

    /// <summary>The partition.</summary>
    public int Partition { get; }

    /// <summary>The stream.</summary>
    public Guid StreamId { get; }
}
