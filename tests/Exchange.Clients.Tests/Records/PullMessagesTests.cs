using Exchange.Clients.Records;
using Exchange.Protos.V1;
using Google.Protobuf;
using Timestamp = Google.Protobuf.WellKnownTypes.Timestamp;

namespace Exchange.Clients.Tests.Records;

public sealed class PullMessagesTests
{
    private static readonly string[] Texts = ["", "a", "漏水", "😀", "it's", new('x', 127), new('y', 128), new('噪', 20_000)];

    [Fact]
    public void A_batch_is_read_as_the_generated_code_reads_it()
    {
        var random = new Random(11);
        for (var round = 0; round < 300; round++)
        {
            var bytes = Message(random).ToByteArray();

            var read = PullMessages.Read(bytes);

            Assert.Equal(PullResponse.Parser.ParseFrom(bytes), read);
            Assert.Equal(bytes, read.ToByteArray());
        }
    }

    [Fact]
    public void Other_messages_and_what_a_later_hub_adds_are_read_as_the_generated_code_reads_them()
    {
        byte[] added = [.. Message(new Random(1)).ToByteArray(), 0xfa, 0x01, 0x01, 0x00];
        foreach (var bytes in new[] { new PullResponse { Start = new PullStart { Revision = 7 } }.ToByteArray(), new PullResponse { End = new PullEnd { Rows = 3 } }.ToByteArray(), added, [] })
        {
            var read = PullMessages.Read(bytes);

            Assert.Equal(PullResponse.Parser.ParseFrom(bytes), read);
            Assert.Equal(bytes, read.ToByteArray());
        }
    }

    [Fact]
    public void Of_damaged_bytes_comes_what_the_generated_code_makes_of_them()
    {
        var random = new Random(12);
        var refused = 0;
        const int Rounds = 20_000;
        var small = new Func<byte[]>(() => new PullResponse { Batch = new RecordBatch { Rows = { Row(random, 4, Texts[..5]), Row(random, 4, Texts[..5]) }, PageToken = "t" } }.ToByteArray());
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = small();
            for (var damages = random.Next(1, 4); damages > 0; damages--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            bytes = random.Next(4) is 0 ? bytes[..random.Next(bytes.Length)] : bytes;
            var expected = Attempt(() => PullResponse.Parser.ParseFrom(bytes));
            refused += expected is null ? 1 : 0;

            Assert.Equal(expected, Attempt(() => PullMessages.Read(bytes)));
        }

        Assert.InRange(refused, Rounds / 10, Rounds * 9 / 10);
    }

    private static PullResponse? Attempt(Func<PullResponse> read)
    {
        try
        {
            return read();
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private static PullResponse Message(Random random)
    {
        var batch = new RecordBatch { PageToken = Texts[random.Next(Texts.Length)] };
        var columns = random.Next(25);
        for (var rows = random.Next(20); rows > 0; rows--)
        {
            batch.Rows.Add(Row(random, columns, Texts));
        }

        return new PullResponse { Batch = batch };
    }

    private static RecordRow Row(Random random, int columns, string[] texts)
    {
        var row = new RecordRow { RecordId = ByteString.CopyFrom(Guid.NewGuid().ToByteArray()), Version = random.NextInt64(-1, 300) };
        row.Values.AddRange(Enumerable.Range(0, columns).Select(_ => Value(random, texts)));
        return row;
    }

    private static Value Value(Random random, string[] texts) => random.Next(11) switch
    {
        0 => new Value(),
        1 => new Value { Clear = true },
        2 => new Value { Text = texts[random.Next(texts.Length)] },
        3 => new Value { Integer = random.Next(3) is 0 ? random.NextInt64(long.MinValue, long.MaxValue) : random.Next(-70, 70) },
        4 => new Value { Decimal = "-12.50" },
        5 => new Value { Boolean = random.Next(2) is 0 },
        6 => new Value { Date = random.Next(-800_000, 3_000_000) },
        7 => new Value { Timestamp = new Timestamp { Seconds = random.NextInt64(-62_135_596_800, 253_402_300_799), Nanos = random.Next(3) is 0 ? 0 : random.Next(1_000_000_000) } },
        8 => new Value { Code = texts[random.Next(texts.Length)] },
        9 => new Value { TextList = new TextList { Values = { Enumerable.Range(0, random.Next(4)).Select(_ => texts[random.Next(texts.Length)]) } } },
        _ => new Value { Point = new Point { Latitude = random.Next(-90, 90) / 3.0, Longitude = random.Next(3) is 0 ? 0 : random.NextDouble() } },
    };
}
