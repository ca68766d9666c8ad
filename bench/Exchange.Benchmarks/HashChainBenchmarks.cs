using BenchmarkDotNet.Attributes;
using Exchange.EventStore.Chain;

namespace Exchange.Benchmarks;

/// <summary>The hash of one event, as an append and a verification compute it.</summary>
[MemoryDiagnoser]
public class HashChainBenchmarks
{
    private const string Type = "fields-pushed";
    private const string Caller = "traffic";
    private const string Client = "traffic-sync";

    private readonly byte[] previous = EventHash.Genesis(Guid.Empty, partition: 8);
    private readonly byte[] hash = new byte[EventHash.SizeBytes];
    private byte[] payload = [];
    private byte[] canonical = [];

    /// <summary>Bytes of the payload: a change of three fields, a new record of twenty.</summary>
    [Params(120, 500)]
    public int PayloadBytes { get; set; }

    /// <summary>Makes the payload.</summary>
    [GlobalSetup]
    public void Setup()
    {
        payload = new byte[PayloadBytes];
        new Random(1).NextBytes(payload);
        canonical = new byte[EventHash.MostBytes(Type, Caller, Client, PayloadBytes)];
    }

    /// <summary>One event.</summary>
    [Benchmark]
    public byte[] Compute()
    {
        var e = new HashedEvent
        {
            Previous = previous, Partition = 8, Position = 1_000_000, StreamId = Guid.AllBitsSet, Version = 3, RecordedAtMicros = 1_790_000_000_000_000, GovernancePosition = 321,
        };
        EventHash.Digest(canonical.AsSpan(0, EventHash.Write(canonical, e, Type, Caller, Client, payload)), hash);
        return hash;
    }
}
