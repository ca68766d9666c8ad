using Exchange.Protos.V1;
using Exchange.Server.Feed;
using Exchange.Server.Records.Events;
using Google.Protobuf;

namespace Exchange.Server.Tests.Feed;

public sealed class FeedBatcherTests
{
    private const int MaxBytes = 6_000;

    [Fact]
    public void Frames_are_byte_for_byte_the_messages_of_the_generated_code()
    {
        var random = new Random(4);
        for (var round = 0; round < 200; round++)
        {
            var positions = new Dictionary<int, long> { [8] = random.Next(3), [1] = random.Next(300), [31] = 0 };
            var expected = new FeedBatch { Checkpoint = new string('c', random.Next(200)) };
            expected.Coverage.Add(positions.OrderBy(entry => entry.Key).Select(entry => new Coverage { Partition = entry.Key, After = entry.Value, Through = entry.Value }));
            var batcher = new FeedBatcher(positions, MaxBytes);
            foreach (var partition in new[] { 31, 8 })
            {
                var range = expected.Coverage.Single(range => range.Partition == partition);
                var changes = Changes(random, partition, range.After, random.Next(1, 8), most: 100);
                range.Through += changes.Length;
                expected.Changes.Add(changes.OfType<Change>());
                Assert.Equal(changes.Length, batcher.Add(Run(partition, range.After, changes), 0));
            }

            Assert.Equal(expected.Changes.Count, batcher.Changes);
            var frame = batcher.Take(() => expected.Checkpoint);

            Assert.Equal(new FollowResponse { Batch = expected }.ToByteArray(), Bytes(frame));
            Assert.Equal(Bytes(frame).Length, frame.Length);
            Assert.Equal(expected.Coverage.ToDictionary(range => range.Partition, range => range.Through), positions);
            Assert.True(batcher.IsEmpty);
        }
    }

    [Fact]
    public void A_run_is_cut_where_a_batch_is_full_and_nothing_is_left_out()
    {
        var random = new Random(5);
        var positions = new Dictionary<int, long> { [8] = 7 };
        var batcher = new FeedBatcher(positions, MaxBytes);
        var changes = Changes(random, 8, 7, 400, most: 2_000);
        var run = Run(8, 7, changes);

        List<FeedBatch> batches = [];
        for (var next = 0; next < run.Events;)
        {
            next = batcher.Add(run, next);
            batches.Add(FollowResponse.Parser.ParseFrom(Bytes(batcher.Take(() => "c"))).Batch);
            Assert.Equal(run.After + next, positions[8]);
        }

        Assert.Equal(changes.OfType<Change>(), batches.SelectMany(batch => batch.Changes));
        Assert.All(batches, batch => Assert.InRange(batch.CalculateSize(), 1, MaxBytes));
        Assert.Equal(batches.Select(batch => batch.Coverage[0].Through).SkipLast(1), batches.Select(batch => batch.Coverage[0].After).Skip(1));
        Assert.Equal((7, 407), (batches[0].Coverage[0].After, batches[^1].Coverage[0].Through));
        Assert.All(batches, batch => Assert.All(batch.Changes, change => Assert.InRange(change.Position, batch.Coverage[0].After + 1, batch.Coverage[0].Through)));
    }

    [Fact]
    public void A_change_larger_than_a_batch_goes_alone()
    {
        var batcher = new FeedBatcher(new Dictionary<int, long> { [8] = 0 }, MaxBytes);
        var small = new Change { Partition = 8, Position = 1 };
        var large = new Change { Partition = 8, Position = 2, Department = new string('x', 3 * MaxBytes) };
        var run = Run(8, 0, [small, large, null, new Change { Partition = 8, Position = 4 }]);

        Assert.Equal(1, batcher.Add(run, 0));
        batcher.Take(() => "");
        Assert.Equal(3, batcher.Add(run, 1));
        Assert.Equal(1, batcher.Changes);
    }

    [Fact]
    public void What_does_not_follow_is_refused()
    {
        var batcher = new FeedBatcher(new Dictionary<int, long> { [8] = 3 }, MaxBytes);

        Assert.Throws<InvalidOperationException>(() => batcher.Add(Run(8, 4, [null]), 0));
        Assert.Throws<InvalidOperationException>(() => batcher.Add(Run(8, 2, [null, null]), 0));
        Assert.Equal(2, batcher.Add(Run(8, 2, [null, null]), 1));
    }

    [Fact]
    public void What_was_discarded_may_come_again()
    {
        var positions = new Dictionary<int, long> { [8] = 0 };
        var batcher = new FeedBatcher(positions, MaxBytes);
        var run = Run(8, 0, [new Change { Position = 1 }]);
        batcher.Add(run, 0);

        batcher.Discard();

        Assert.True(batcher.IsEmpty);
        Assert.Equal(0, positions[8]);
        Assert.Equal(1, batcher.Add(run, 0));
        Assert.Single(FollowResponse.Parser.ParseFrom(Bytes(batcher.Take(() => ""))).Batch.Changes);
    }

    private static Change?[] Changes(Random random, int partition, long after, int count, int most) =>
    [
        .. Enumerable.Range(1, count).Select(number => random.Next(3) is 0
            ? null
            : new Change { Partition = partition, Position = after + number, Department = new string('d', random.Next(most)) }),
    ];

    private static ChangeRun Run(int partition, long after, Change?[] changes)
    {
        var buffer = new WireBuffer();
        var ends = new List<int>();
        foreach (var change in changes)
        {
            if (change is not null)
            {
                buffer.BytesField(FeedBatch.ChangesFieldNumber, change.ToByteArray());
            }

            ends.Add(buffer.Length);
        }

        return new ChangeRun(partition, after, ends.ToArray(), buffer.WrittenMemory);
    }

    private static byte[] Bytes(FeedFrame frame) => [.. frame.Parts.SelectMany(part => part.ToArray())];
}
