using Exchange.Clients.Records;
using Exchange.Clients.Tests.Support;
using Exchange.Protos.V1;
using Google.Protobuf;

namespace Exchange.Clients.Tests.Records;

public sealed class PullMessagesTests
{
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
        var small = new Func<byte[]>(() => new PullResponse { Batch = new RecordBatch { Rows = { Row(random, 4, MadeValues.Texts[..5]), Row(random, 4, MadeValues.Texts[..5]) }, PageToken = "t" } }.ToByteArray());
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = MadeValues.Damage(random, small());
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
        var batch = new RecordBatch { PageToken = MadeValues.Texts[random.Next(MadeValues.Texts.Length)] };
        var columns = random.Next(25);
        for (var rows = random.Next(20); rows > 0; rows--)
        {
            batch.Rows.Add(Row(random, columns, MadeValues.Texts));
        }

        return new PullResponse { Batch = batch };
    }

    private static RecordRow Row(Random random, int columns, string[] texts)
    {
        var row = new RecordRow { RecordId = ByteString.CopyFrom(Guid.NewGuid().ToByteArray()), Version = random.NextInt64(-1, 300) };
        row.Values.AddRange(Enumerable.Range(0, columns).Select(_ => MadeValues.Next(random, texts)));
        return row;
    }
}
