using Exchange.EventStore.Committing;

namespace Exchange.EventStore.Tests.Appending;

public sealed class EventBytesTests
{
    [Fact]
    public void What_is_kept_stays_whatever_comes_after_it()
    {
        var random = new Random(7);
        using var bytes = new EventBytes();
        var kept = new List<(byte[] Given, ReadOnlyMemory<byte> Kept)>();
        for (var i = 0; i < 2_000; i++)
        {
            var given = new byte[random.Next(50) is 0 ? random.Next(200_000) : random.Next(1_000)];
            random.NextBytes(given);

            // More room than it takes in the end, and sometimes taken for nothing.
            var room = bytes.Room(given.Length + random.Next(300));
            room.Fill(0xEE);
            if (random.Next(10) > 0)
            {
                given.CopyTo(room);
                kept.Add((given, bytes.Keep(given.Length)));
            }
        }

        Assert.All(kept, pair => Assert.Equal(pair.Given, pair.Kept.ToArray()));
    }

    [Fact]
    public void What_is_given_back_is_cleared()
    {
        var bytes = new EventBytes();
        bytes.Room(5).Fill(1);
        var small = bytes.Keep(5);
        bytes.Room(100_000).Fill(2);
        var large = bytes.Keep(100_000);

        bytes.Dispose();

        Assert.Equal(-1, small.Span.IndexOfAnyExcept((byte)0));
        Assert.Equal(-1, large.Span.IndexOfAnyExcept((byte)0));
    }
}
