using BenchmarkDotNet.Attributes;
using Exchange.Bench.Hubs;
using Exchange.EventStore;
using Exchange.Protos.Stored.V1;
using Exchange.Server.Records.Events;

namespace Exchange.Benchmarks;

/// <summary>The payload of a new record of twenty fields: written as a push does, read into values, and read as the bytes it is, as a feed does.</summary>
[MemoryDiagnoser]
public class EventCodecBenchmarks
{
    private readonly WireBuffer buffer = new();
    private readonly RecordEventWire wire = new();
    private StoredEvent stored = null!;
    private FieldVersion[] values = [];

    /// <summary>Makes the record.</summary>
    [GlobalSetup]
    public void Setup()
    {
        values = [.. MadeRecords.Record("codec", 1).Values.Select((value, index) => new FieldVersion(index + 1, ValueMap.FromStored(value)))];
        stored = new StoredEvent
        {
            Partition = 8,
            Position = 1,
            StreamId = Guid.AllBitsSet,
            Version = 1,
            Type = RecordEventTypes.FieldsPushed,
            Payload = Write().ToArray(),
            Caller = "traffic",
            Client = "traffic-sync",
            GovernancePosition = 321,
            RecordedAt = DateTimeOffset.UnixEpoch,
        };
    }

    /// <summary>Writes it.</summary>
    [Benchmark]
    public ReadOnlyMemory<byte> Write()
    {
        buffer.Clear();
        RecordEventWriter.WritePushed(buffer, "case", "traffic", "traffic", "codec-1", "traffic", sourceVersion: 0);
        foreach (var value in values)
        {
            RecordEventWriter.WriteChange(buffer, FieldsPushed.ChangesFieldNumber, value.Number, value.Value);
        }

        return buffer.WrittenMemory;
    }

    /// <summary>Reads every value.</summary>
    [Benchmark]
    public object Parse() => RecordEvent.Parse(stored)!;

    /// <summary>Finds where every value stands.</summary>
    [Benchmark]
    public bool Find() => wire.TryRead(stored);
}
