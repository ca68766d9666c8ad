namespace Exchange.Clients.Records;

/// <summary>Sizes of a push.</summary>
public sealed record PushOptions
{
    /// <summary>Records of a batch: default 500, 1 to 2 000.</summary>
    public int BatchRecords { get; init => field = Math.Clamp(value, 1, 2000); } = 500;

    /// <summary>Bytes of a batch: default 1 MiB, at most 3.5 MiB; the hub takes messages of 4 MiB.</summary>
    public int BatchBytes { get; init => field = Math.Clamp(value, 1024, LargestBatch); } = 1 << 20;

    /// <summary>Batches sent and not yet durable: default 14, two more than the hub works on at once for one stream; 1 to 64.</summary>
    public int InFlight { get; init => field = Math.Clamp(value, 1, 64); } = 14;

    internal const int LargestBatch = 3_500_000;
}
