using System.Buffers;
using Exchange.Protos.V1;
using Exchange.Server.Records.Push;
using Google.Protobuf;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Records.Push;

/// <summary>What a message of the largest size may become in memory, whatever it holds.</summary>
public sealed class PushSizeTests
{
    private const int LargestMessage = 4 << 20;
    private const long MostMemory = 96L << 20;

    [Fact]
    public void A_record_with_millions_of_empty_values_is_read_as_one_with_too_many()
    {
        var record = new PushedRecord { SourceId = "1" };
        record.Values.AddRange(Enumerable.Repeat(new Value(), (LargestMessage / 2) - 100));

        var content = Read(new PushedBatch { Sequence = 1, Records = { record } });

        Assert.Equal(201, content.ValuesOf(0).Length);
        Assert.Null(PushedBatchForm.Check(content));
    }

    [Fact]
    public void A_batch_of_many_small_records_is_refused_for_their_number_and_no_more_are_kept()
    {
        var batch = new PushedBatch { Sequence = 1, Records = { Enumerable.Range(0, 100_000).Select(number => Own($"{number}", Text("a"), Text("b"))) } };

        var content = Read(batch);

        Assert.Equal(2_001, content.Count);
        Assert.Equal(("batch.records", "COUNT"), PushedBatchForm.Check(content) is { Violations: [var violation] } ? (violation.Field, violation.Reason) : default);
    }

    [Fact]
    public void A_first_record_without_values_does_not_make_room_for_millions()
    {
        var batch = new PushedBatch { Sequence = 1, Records = { new PushedRecord() } };
        batch.Records.AddRange(Enumerable.Range(0, 2).Select(number => Own($"{number}", Text(new string('x', LargestMessage / 3)))));

        Assert.Equal(3, Read(batch).Count);
    }

    private static BatchContent Read(PushedBatch batch)
    {
        var bytes = new ReadOnlySequence<byte>(batch.ToByteArray());
        Assert.True(bytes.Length <= LargestMessage, $"{bytes.Length} bytes");
        var before = GC.GetAllocatedBytesForCurrentThread();
        var content = BatchContent.TryRead(bytes);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostMemory);
        return content ?? throw new InvalidOperationException("the batch is canonical");
    }
}
