using System.IO.Pipelines;
using Exchange.Server.Grpc.Connections;
using Exchange.Server.Tests.Faults.Floods;
using Microsoft.AspNetCore.Connections;

namespace Exchange.Server.Tests.Grpc.Connections;

public sealed class FrameWatchTests
{
    private static readonly byte[] Preface = new byte[24];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Frames_are_found_however_they_come_and_however_they_are_taken(int seed)
    {
        var random = new Random(seed);
        List<byte> bytes = [.. Preface];
        var pings = 0;
        for (var frame = 0; frame < 500; frame++)
        {
            var isPing = random.Next(3) is 0;
            pings += isPing ? 1 : 0;
            bytes.AddRange(isPing ? RawHttp2.Frame(RawHttp2.Ping, 0, 0, new byte[8]) : RawHttp2.Frame(RawHttp2.Data, 0, 1, new byte[random.Next(5, 300)]));
        }

        Assert.True(await ExceedsAsync([.. bytes], most: pings - 1, random));
        Assert.False(await ExceedsAsync([.. bytes], most: pings, random));
    }

    [Fact]
    public async Task Frames_that_calls_are_made_of_are_not_counted()
    {
        byte[][] frames =
        [
            RawHttp2.Frame(RawHttp2.Headers, RawHttp2.EndHeaders, 1, new byte[20]), RawHttp2.Frame(RawHttp2.Data, 0, 1, new byte[5]), RawHttp2.Frame(RawHttp2.Data, RawHttp2.EndStream, 1, []),
        ];

        Assert.False(await ExceedsAsync([.. Preface, .. frames.SelectMany(frame => frame)], most: 0, new Random(1)));
    }

    [Fact]
    public async Task Resets_count_and_windows_a_tenth_of_that()
    {
        byte[] frames = [.. Enumerable.Repeat(RawHttp2.Frame(0x8, 0, 1, new byte[4]), 30).Append(RawHttp2.Frame(RawHttp2.Reset, 0, 1, new byte[4])).SelectMany(frame => frame)];

        Assert.False(await ExceedsAsync([.. Preface, .. frames], most: 4, new Random(1)));
        Assert.True(await ExceedsAsync([.. Preface, .. frames], most: 3, new Random(1)));
    }

    private static async Task<bool> ExceedsAsync(byte[] bytes, int most, Random random)
    {
        var pipe = new Pipe();
        var exceeded = 0;
        var connection = new HubConnection(new DefaultConnectionContext(), default, "10.0.0.1");
        var watch = new FrameWatch(pipe.Reader, connection, most, new StillTime(), () => exceeded++);
        var (written, read) = (0, new List<byte>());
        while (read.Count < bytes.Length)
        {
            var next = Math.Min(random.Next(1, 40), bytes.Length - written);
            await pipe.Writer.WriteAsync(bytes.AsMemory(written, next));
            written += next;
            var result = random.Next(2) is 0 && watch.TryRead(out var there) ? there : await watch.ReadAsync();
            var taken = result.Buffer.Slice(0, written == bytes.Length ? result.Buffer.Length : random.NextInt64(result.Buffer.Length + 1));
            foreach (var part in taken)
            {
                read.AddRange(part.Span);
            }

            watch.AdvanceTo(taken.End);
        }

        Assert.Equal(bytes, read);
        Assert.InRange(exceeded, 0, 1);
        Assert.False(connection.IsGone);
        await pipe.Writer.CompleteAsync();
        await watch.ReadAsync();
        Assert.True(connection.IsGone);
        return exceeded is 1;
    }

    private sealed class StillTime : TimeProvider
    {
        public override long GetTimestamp() => 0;
    }
}
