using System.Buffers;
using System.IO.Pipelines;

namespace Exchange.Server.Grpc.Connections;

/// <summary>
/// Reads a connection's bytes for Kestrel and looks at the heads of HTTP/2's frames (RFC 9113 section 4.1) as they pass. Those that carry next to nothing cost the
/// node more than the sender; Kestrel answers or skips as many as come.
/// </summary>
/// <param name="inner">What comes.</param>
/// <param name="connection">The connection, which is told when nothing more comes.</param>
/// <param name="most">Such frames in a second; of WINDOW_UPDATE, which who reads much sends often, ten times as many.</param>
/// <param name="time">Clock of the second.</param>
/// <param name="exceeded">Called when there are more, once in each second.</param>
internal sealed class FrameWatch(PipeReader inner, HubConnection connection, int most, TimeProvider time, Action exceeded) : PipeReader
{
    private const int PrefaceBytes = 24;
    private const int HeadBytes = 9;

    // A message in gRPC has five bytes before it: a frame of fewer that does not end its stream is a piece of one.
    private const int LeastContent = 5;

    // Of a frame that counts whole, in those that do not.
    private const int Whole = 10;

    private readonly byte[] head = new byte[HeadBytes];
    private ReadOnlySequence<byte> buffer;
    private long left;
    private long toSkip = PrefaceBytes;
    private int headBytes;
    private long second;
    private long counted;

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
        var isRead = inner.TryRead(out result);
        if (isRead)
        {
            Look(result);
        }

        return isRead;
    }

    /// <inheritdoc/>
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var reading = inner.ReadAsync(cancellationToken);
        if (!reading.IsCompletedSuccessfully)
        {
            return LookAsync(reading);
        }

        var result = reading.Result;
        Look(result);
        return ValueTask.FromResult(result);
    }

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        left = buffer.Slice(consumed).Length;
        buffer = default;
        inner.AdvanceTo(consumed, examined);
    }

    /// <inheritdoc/>
    public override void CancelPendingRead() => inner.CancelPendingRead();

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    /// <inheritdoc/>
    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    private async ValueTask<ReadResult> LookAsync(ValueTask<ReadResult> reading)
    {
        try
        {
            var result = await reading;
            Look(result);
            return result;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            connection.End();
            throw;
        }
    }

    // Of what was left in the buffer, all was looked at before. A frame's head may come in pieces.
    private void Look(in ReadResult result)
    {
        if (result.IsCompleted)
        {
            connection.End();
        }

        buffer = result.Buffer;
        var (fresh, trifles) = (buffer.Slice(left), 0L);
        left = buffer.Length;
        while (!fresh.IsEmpty)
        {
            if (toSkip > 0)
            {
                var skipped = Math.Min(toSkip, fresh.Length);
                (fresh, toSkip) = (fresh.Slice(skipped), toSkip - skipped);
                continue;
            }

            var taken = (int)Math.Min(HeadBytes - headBytes, fresh.Length);
            fresh.Slice(0, taken).CopyTo(head.AsSpan(headBytes));
            (fresh, headBytes) = (fresh.Slice(taken), headBytes + taken);
            if (headBytes is HeadBytes)
            {
                headBytes = 0;
                toSkip = (head[0] << 16) | (head[1] << 8) | head[2];
                trifles += Weigh(head[3], head[4], toSkip);
            }
        }

        if (trifles > 0)
        {
            Count(trifles);
        }
    }

    private void Count(long trifles)
    {
        var now = time.GetTimestamp() / time.TimestampFrequency;
        (second, counted) = now == second ? (second, counted + trifles) : (now, trifles);
        var bound = (long)Whole * most;
        if (counted > bound && counted - trifles <= bound)
        {
            exceeded();
        }
    }

    // DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION: 0 to 9. HEADERS begin calls, which are counted
    // as such; resets of calls are too, but Kestrel skips those of calls that are over.
    private static int Weigh(byte type, byte flags, long length) => type switch
    {
        0x0 => length < LeastContent && (flags & 0x1) is 0 ? Whole : 0,
        0x1 => 0,
        0x8 => 1,
        0x9 => length < LeastContent ? Whole : 0,
        _ => Whole,
    };
}
