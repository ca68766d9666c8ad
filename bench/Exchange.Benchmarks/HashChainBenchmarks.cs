using BenchmarkDotNet.Attributes;
using Exchange.EventStore.Chain;

namespace Exchange.Benchmarks;

/// <summary>The hash of one event, as an append and a verification compute it.</summary>
[MemoryDiagnoser]
public class HashChainBenchmarks
{
    private readonly byte[] previous = EventHash.Genesis(Guid.Empty, partition: 8);
    private byte[] payload = [];

    /// <summary>Bytes of the payload: a change of three fields, a new record of twenty.</summary>
    [Params(120, 500)]
    public int PayloadBytes { get; set; }

    /// <summary>Makes the payload.</summary>
    [GlobalSetup]
    public void Setup()
    {
        payload = new byte[PayloadBytes];
        new Random(1).NextBytes(payload);
    }

    /// <summary>One event.</summary>
    [Benchmark]
    public byte[] Compute()
    {
        var e = new HashedEvent
        {
            Previous = previous, Partition = 8, Position = 1_000_000, StreamId = Guid.AllBitsSet, Version = 3, RecordedAtMicros = 1_790_000_000_000_000, GovernancePosition = 321,
        };
        return EventHash.Compute(e, "fields-pushed", "traffic", "traffic-sync", payload);
    }
}
