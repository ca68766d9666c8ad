using System.Buffers;
using Exchange.Catalog.Records;
using Exchange.Protos.V1;
using Exchange.Server.Records.Events;
using Exchange.Server.Records.Push;
using Exchange.Server.Tests.Faults.Messages;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using static Exchange.Server.Tests.Records.Push.Pushed;
using Value = Exchange.Protos.V1.Value;

namespace Exchange.Server.Tests.Records.Push;

public sealed class PushFrameTests
{
    private const int Spoilt = 60_000;

    private static readonly MessageParser<PushRequest> Generated = PushRequest.Parser.WithDiscardUnknownFields(true);

    private static readonly Value[] Values =
    [
        NotSent, Clear, new Value { Clear = false }, Text(""), Text("漏水 at the 桥"), Code("noise"), Sourced(null, "07", "city-a"), Sourced("noise", "07", "city-a"), Number(0), Number(-1), Number(long.MinValue), Number(long.MaxValue),
        Sourced("noise", "07", ""), Sourced(null, "", "city-a"), new Value { Text = "noise", SourceCode = "07", CodeSystem = "city-a" }, new Value { Clear = true, SourceCode = "07" },
        new Value { Decimal = "-12.50" }, new Value { Decimal = "1e5" }, new Value { Decimal = "" }, new Value { Boolean = true }, new Value { Boolean = false },
        new Value { Date = 0 }, new Value { Date = int.MinValue }, new Value { Date = 16_466 }, Time(0, 0), Time(-1, 999_999_999), Time(1_420_099_200, 1_000), Time(long.MaxValue, -1),
        new Value { TextList = new TextList() }, new Value { TextList = new TextList { Values = { "", "a", "a", "汉" } } },
        Place(0, 0), Place(-0.0, 12.5), Place(double.NaN, 1), Place(42.36, -71.06),
    ];

    private static readonly PushRequest[] Good =
    [
        new() { Header = new PushHeader { Resource = "resources/complaint", SourceSystem = "centre-desk", Fields = { "title", "calls" }, PushId = "p1" } },
        new() { Batch = new PushedBatch { Sequence = 1, Records = { Own("a-1", Values) } } },
        new() { Batch = new PushedBatch { Sequence = long.MaxValue, Records = { OpenedAs("forum", "17", Text("b")), OpenedAs("", ""), ById("9f1c2f64-0d4c-5a52-9f5e-1c2b3a4d5e6f", Clear), ById("none") } } },
        new() { Batch = new PushedBatch { Sequence = -3, Records = { new PushedRecord { SourceVersion = -1, Warnings = { "CLOSED_BEFORE_OPENED", "" }, Values = { Text("c") } }, new PushedRecord() } } },
        new() { Batch = new PushedBatch { Records = { Enumerable.Range(0, 40).Select(i => Own($"many-{i}", Text($"title {i}"), Number(i))) } } },
        new() { Batch = new PushedBatch() },
        new(),
    ];

    [Fact]
    public void What_generated_code_writes_is_read_as_it_reads_it() => Assert.All(Good, message => AssertReadAlike(message.ToByteArray()));

    [Fact]
    public void Whatever_comes_is_read_as_generated_code_reads_it_or_refused_where_it_refuses()
    {
        var seed = Random.Shared.Next();
        var mutation = new Mutation(seed);
        var (refused, batches) = (0, 0);
        for (var i = 0; i < Spoilt; i++)
        {
            var bytes = mutation.Next(Good);
            try
            {
                var read = AssertReadAlike(bytes);
                refused += read is null ? 1 : 0;
                batches += read?.Batch is null ? 0 : 1;
            }
            catch (Exception e) when (e is Xunit.Sdk.XunitException)
            {
                Assert.Fail($"seed {seed}, message {i} ({Convert.ToHexString(bytes)}): {e.Message}");
            }
        }

        Assert.True(refused > Spoilt / 20 && batches > Spoilt / 20, $"seed {seed}: {refused} refused, {batches} batches read");
    }

    [Fact]
    public void A_message_in_many_pieces_is_the_same_message()
    {
        var bytes = Good[1].ToByteArray();

        var whole = PushFrame.Read(new ReadOnlySequence<byte>(bytes)).Batch!;
        var pieces = PushFrame.Read(Pieces(bytes)).Batch!;

        Assert.Equal(whole.Bytes.ToArray(), pieces.Bytes.ToArray());
        Assert.Equal(whole.ValuesOf(0).ToArray(), pieces.ValuesOf(0).ToArray());
    }

    [Fact]
    public void The_order_of_fields_on_the_wire_does_not_change_the_content()
    {
        var straight = new PushRequest { Batch = new PushedBatch { Sequence = 7, Records = { Own("a", Text("x")) } } };
        byte[] inner = [.. new PushedBatch { Records = { Own("a", Text("x")) } }.ToByteArray(), .. new PushedBatch { Sequence = 7 }.ToByteArray(), 0x98, 0x06, 0x01];
        byte[] turned = [0x12, (byte)inner.Length, .. inner];

        Assert.Equal(
            PushFrame.Read(new ReadOnlySequence<byte>(straight.ToByteArray())).Batch!.Bytes.ToArray(), PushFrame.Read(new ReadOnlySequence<byte>(turned)).Batch!.Bytes.ToArray());
    }

    [Fact]
    public void A_unary_call_is_read_as_generated_code_reads_it_or_refused_where_it_refuses()
    {
        PushBatchRequest[] calls = [.. Good.Select(message => new PushBatchRequest { Header = message.Header ?? Good[0].Header, Batch = message.Batch }), new()];
        Assert.All(calls, call => AssertCallReadAlike(call.ToByteArray()));

        var seed = Random.Shared.Next();
        var mutation = new Mutation(seed);
        var (refused, batches) = (0, 0);
        for (var i = 0; i < Spoilt; i++)
        {
            var bytes = mutation.Next(calls);
            try
            {
                var read = AssertCallReadAlike(bytes);
                refused += read is null ? 1 : 0;
                batches += read?.Batch is null ? 0 : 1;
            }
            catch (Exception e) when (e is Xunit.Sdk.XunitException)
            {
                Assert.Fail($"seed {seed}, message {i} ({Convert.ToHexString(bytes)}): {e.Message}");
            }
        }

        Assert.True(refused > Spoilt / 20 && batches > Spoilt / 20, $"seed {seed}: {refused} refused, {batches} batches read");
    }

    // The frame; null when both refuse.
    private static PushFrame? AssertCallReadAlike(byte[] bytes)
    {
        var expected = Attempt(() => PushBatchRequest.Parser.WithDiscardUnknownFields(true).ParseFrom(bytes));
        var actual = Attempt(() => PushFrame.ReadCall(new ReadOnlySequence<byte>(bytes)));

        Assert.Equal(expected is null, actual is null);
        Assert.Equal(expected?.Header, actual?.Header);
        Assert.Equal(expected?.Batch is null, actual?.Batch is null);
        if (expected?.Batch is { } batch)
        {
            AssertAlike(batch, actual!.Batch!);
        }

        return actual;
    }

    // The frame; null when both refuse.
    private static PushFrame? AssertReadAlike(byte[] bytes)
    {
        var expected = Attempt(() => Generated.ParseFrom(bytes));
        var actual = Attempt(() => PushFrame.Read(new ReadOnlySequence<byte>(bytes)));

        Assert.Equal(expected is null, actual is null);
        if (expected is null || actual is null)
        {
            return null;
        }

        Assert.Equal(expected.Header, actual.Header is null ? null : PushHeader.Parser.WithDiscardUnknownFields(true).ParseFrom(actual.Header.ToByteArray()));
        Assert.Equal(expected.Batch is null, actual.Batch is null);
        if (expected.Batch is { } batch)
        {
            AssertAlike(batch, actual.Batch!);
        }

        return actual;
    }

    private static void AssertAlike(PushedBatch expected, BatchContent actual)
    {
        Assert.Equal((expected.Sequence, expected.Records.Count), (actual.Sequence, actual.Count));
        for (var index = 0; index < actual.Count; index++)
        {
            var (sent, read) = (expected.Records[index], actual.Records[index]);
            Assert.Equal(ReferenceOf(sent), read.Reference);
            Assert.Equal(sent.ReferenceCase is PushedRecord.ReferenceOneofCase.SourceId ? sent.SourceId : null, read.OpenAs);
            Assert.Equal(sent.SourceVersion, read.SourceVersion);
            Assert.Equal(sent.Warnings, read.Warnings ?? []);
            Assert.Equal(sent.Values.Select(ValueMap.ToPushed), actual.ValuesOf(index).ToArray());
        }

        Assert.Equal(expected.ToByteArray(), actual.Bytes.ToArray());
    }

    private static RecordReference? ReferenceOf(PushedRecord record) => record.ReferenceCase switch
    {
        PushedRecord.ReferenceOneofCase.SourceId => RecordReference.Own(record.SourceId),
        PushedRecord.ReferenceOneofCase.OpenedAs => RecordReference.OpenedAs(record.OpenedAs.SourceSystem, record.OpenedAs.SourceId),
        PushedRecord.ReferenceOneofCase.RecordId when Guid.TryParseExact(record.RecordId, "D", out var id) => RecordReference.ById(new Exchange.Catalog.RecordId(id)),
        _ => null,
    };

    private static T? Attempt<T>(Func<T> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or IndexOutOfRangeException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    private static ReadOnlySequence<byte> Pieces(byte[] bytes)
    {
        const int Size = 7;
        var first = new Piece(bytes.AsMemory(0, Size), null);
        var last = first;
        for (var at = Size; at < bytes.Length; at += Size)
        {
            last = new Piece(bytes.AsMemory(at, Math.Min(Size, bytes.Length - at)), last);
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private static Value Number(long number) => new() { Integer = number };

    private static Value Sourced(string? code, string sourceCode, string codeSystem)
    {
        var value = new Value { SourceCode = sourceCode, CodeSystem = codeSystem };
        value.Code = code ?? "";
        if (code is null)
        {
            value.ClearKind();
        }

        return value;
    }

    private static Value Time(long seconds, int nanos) => new() { Timestamp = new Timestamp { Seconds = seconds, Nanos = nanos } };

    private static Value Place(double latitude, double longitude) => new() { Point = new Point { Latitude = latitude, Longitude = longitude } };

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, Piece? before)
        {
            Memory = memory;
            if (before is not null)
            {
                RunningIndex = before.RunningIndex + before.Memory.Length;
                before.Next = this;
            }
        }
    }
}
