using Exchange.Clients.Feed;
using Exchange.Clients.Tests.Support;
using Exchange.Protos.V1;
using Google.Protobuf;

namespace Exchange.Clients.Tests.Feed;

public sealed class FeedMessagesTests
{
    [Fact]
    public void A_batch_is_read_as_the_generated_code_reads_it()
    {
        var random = new Random(21);
        for (var round = 0; round < 300; round++)
        {
            var bytes = Message(random).ToByteArray();

            var read = FeedMessages.Read(bytes);

            Assert.Equal(FollowResponse.Parser.ParseFrom(bytes), read);
            Assert.Equal(bytes, read.ToByteArray());
        }
    }

    [Fact]
    public void Changes_of_the_same_columns_have_columns_of_their_own()
    {
        var batch = new FeedBatch { Changes = { Change([0, 1, 2]), Change([0, 1, 2]), Change([1]), Change([0, 1, 2]) } };
        var read = FeedMessages.Read(new FollowResponse { Batch = batch }.ToByteArray()).Batch;

        read.Changes[0].Columns.Add(9);

        Assert.Equal([0, 1, 2, 9], read.Changes[0].Columns);
        Assert.Equal(batch.Changes.Skip(1), read.Changes.Skip(1));
    }

    [Fact]
    public void Other_messages_and_what_a_later_hub_adds_are_read_as_the_generated_code_reads_them()
    {
        byte[] added = [.. Message(new Random(1)).ToByteArray(), 0xfa, 0x01, 0x01, 0x00];
        byte[] oneByOne = [0x12, 0x06, 0x12, 0x04, 0x40, 0x01, 0x40, 0x02];
        byte[] valuesFirst = [0x12, 0x0a, 0x12, 0x08, 0x4a, 0x00, 0x4a, 0x00, 0x42, 0x02, 0x01, 0x02];
        byte[] timesTwice = [0x12, 0x0a, 0x12, 0x08, 0x32, 0x02, 0x08, 0x01, 0x32, 0x02, 0x10, 0x05];
        foreach (var bytes in new[]
        {
            new FollowResponse { Start = new FollowStart { Revision = 7 } }.ToByteArray(), new FollowResponse { Backfill = new Backfill { Revision = 3 } }.ToByteArray(),
            added, oneByOne, valuesFirst, timesTwice, [],
        })
        {
            var read = FeedMessages.Read(bytes);

            Assert.Equal(FollowResponse.Parser.ParseFrom(bytes), read);
            Assert.Equal(FollowResponse.Parser.ParseFrom(bytes).ToByteArray(), read.ToByteArray());
        }
    }

    [Fact]
    public void Of_damaged_bytes_comes_what_the_generated_code_makes_of_them()
    {
        var random = new Random(22);
        var refused = 0;
        const int Rounds = 20_000;
        for (var round = 0; round < Rounds; round++)
        {
            var small = new FeedBatch { Coverage = { Range(random) }, Changes = { Change(random, MadeValues.Texts[..5]), Change(random, MadeValues.Texts[..5]) }, Checkpoint = "c" };
            var bytes = MadeValues.Damage(random, new FollowResponse { Batch = small }.ToByteArray());
            var expected = Attempt(() => FollowResponse.Parser.ParseFrom(bytes));
            refused += expected is null ? 1 : 0;

            Assert.Equal(expected, Attempt(() => FeedMessages.Read(bytes)));
        }

        Assert.InRange(refused, Rounds / 10, Rounds * 9 / 10);
    }

    private static FollowResponse? Attempt(Func<FollowResponse> read)
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

    private static FollowResponse Message(Random random)
    {
        var batch = new FeedBatch { Checkpoint = MadeValues.Texts[random.Next(MadeValues.Texts.Length)] };
        batch.Coverage.AddRange(Enumerable.Range(0, random.Next(40)).Select(_ => Range(random)));
        batch.Changes.AddRange(Enumerable.Range(0, random.Next(20)).Select(_ => Change(random, MadeValues.Texts)));
        return new FollowResponse { Batch = batch };
    }

    private static Coverage Range(Random random) =>
        new() { Partition = random.Next(-1, 300), After = random.NextInt64(-1, 300), Through = random.NextInt64() };

    private static Change Change(Random random, string[] texts)
    {
        var change = Change(random.Next(4) is 0 ? Numbers(random, 300) : [.. Enumerable.Range(0, random.Next(20, 22))]);
        change.RecordId = ByteString.CopyFrom(Guid.NewGuid().ToByteArray());
        change.Kind = (ChangeKind)random.Next(-1, 5);
        change.Partition = random.Next(-1, 33);
        change.Position = random.NextInt64(-1, 300);
        change.Version = random.NextInt64();
        change.RecordTime = random.Next(5) is 0 ? null : MadeValues.Time(random);
        change.Department = texts[random.Next(3)];
        change.Values.AddRange(change.Columns.Select(_ => MadeValues.Next(random, texts)));
        change.WithdrawnColumns.AddRange(Numbers(random, 3));
        change.OmittedColumns.AddRange(Numbers(random, 3));
        return change;
    }

    private static Change Change(int[] columns) => new() { Columns = { columns } };

    private static int[] Numbers(Random random, int most) => [.. Enumerable.Range(0, random.Next(3)).Select(_ => random.Next(-1, most))];
}
