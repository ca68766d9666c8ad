using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Exchange.Server.Grpc.Room;

namespace Exchange.Server.Tests.Grpc.Room;

/// <summary>What is told of a body while it comes: Kestrel lets the sender send a byte more for each that was examined, and cannot take that back.</summary>
public sealed class IncomingMessageTests
{
    private const int Prefix = 5;

    private static readonly TimeSpan Time = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(1_000)]
    [InlineData(3, 997)]
    [InlineData(5, 995)]
    [InlineData(500, 400, 100)]
    [InlineData(2, 1, 2, 295, 700)]
    public async Task What_was_examined_stays_examined_and_all_of_it_is_left_for_gRPC(params int[] parts)
    {
        var sent = new byte[parts.Sum()];
        Random.Shared.NextBytes(sent.AsSpan(Prefix));
        BinaryPrimitives.WriteUInt32BigEndian(sent.AsSpan(1), (uint)(sent.Length - Prefix));
        var pipe = new Pipe(new PipeOptions(readerScheduler: PipeScheduler.Inline));
        var body = new ExaminedReader(pipe.Reader);

        var comes = ComesAsync(body);
        foreach (var part in parts.Index())
        {
            // Inline: each part has been looked at when it is written.
            Assert.False(comes.IsCompleted);
            await pipe.Writer.WriteAsync(sent.AsMemory(parts.Take(part.Index).Sum(), part.Item));
        }

        Assert.True(await comes);
        Assert.Equal(body.Examined.Order(), body.Examined);
        Assert.True(pipe.Reader.TryRead(out var left));
        Assert.Equal(sent, left.Buffer.ToArray());
    }

    private static async Task<bool> ComesAsync(PipeReader body) =>
        await IncomingMessage.PeekAsync(body, Time) is { } message && await message.ComesAsync(body, Time);

    // How many bytes were told examined, each time; nothing is ever consumed.
    private sealed class ExaminedReader(PipeReader inner) : PipeReader
    {
        private ReadOnlySequence<byte> buffer;

        public List<long> Examined { get; } = [];

        public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        {
            Assert.Equal(buffer.Start, consumed);
            Examined.Add(buffer.Slice(0, examined).Length);
            inner.AdvanceTo(consumed, examined);
        }

        public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(cancellationToken);
            buffer = read.Buffer;
            return read;
        }

        public override bool TryRead(out ReadResult result)
        {
            var isRead = inner.TryRead(out result);
            buffer = result.Buffer;
            return isRead;
        }

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);
    }
}
