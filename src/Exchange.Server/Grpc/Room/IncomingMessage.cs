using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Exchange.Server.Hosting;

namespace Exchange.Server.Grpc.Room;

/// <summary>
/// The message of a unary call while it comes. Its length stands before it (gRPC over HTTP/2, Length-Prefixed-Message); whatever has come is looked at and
/// left where it is, for gRPC to read. None, or one that breaks off, has no bytes: that is gRPC's to tell, and it meets the same.
/// </summary>
/// <param name="IsCompressed">Whether its length is that of a compressed one.</param>
/// <param name="Length">Its length in bytes, without what stands before it.</param>
/// <param name="Examined">
/// Bytes of the body that were examined, for each of which Kestrel has let the sender send another: fewer must never be told afterwards. That would take
/// back what the sender may have used already, and Kestrel then closes the whole connection (FLOW_CONTROL_ERROR).
/// </param>
internal readonly record struct IncomingMessage(bool IsCompressed, uint Length, long Examined)
{
    private const int PrefixBytes = 5;

    // What deflate makes of a byte at most (RFC 1951: 258 bytes from two bits, and the header of their block).
    private const long MostInflation = 1_032;

    // Half a megabit: a slow line, not one that trickles.
    private const double LeastBytesASecond = 64 * 1024;

    /// <summary>Bytes of memory it may take, unpacked. What is larger than the largest message is refused by gRPC before it is kept.</summary>
    public long RoomBytes => Math.Min(IsCompressed ? Length * MostInflation : Length, HubEndpoints.LargestMessageBytes);

    /// <summary>How long all of it may take to come, beside a pause.</summary>
    public TimeSpan TimeToCome => TimeSpan.FromSeconds(Length / LeastBytesASecond);

    /// <summary>Looks at the length; null when that has not come in time.</summary>
    public static ValueTask<IncomingMessage?> PeekAsync(PipeReader body, TimeSpan time) => WaitAsync(body, PrefixBytes, 0, time);

    /// <summary>Waits until all of the message is there; false when it has not come in time.</summary>
    public async ValueTask<bool> ComesAsync(PipeReader body, TimeSpan time) =>
        Length > HubEndpoints.LargestMessageBytes || await WaitAsync(body, PrefixBytes + Length, Examined, time) is not null;

    private static async ValueTask<IncomingMessage?> WaitAsync(PipeReader body, long bytes, long examined, TimeSpan time)
    {
        CancellationTokenSource? deadline = null;
        try
        {
            while (true)
            {
                if (!body.TryRead(out var read))
                {
                    deadline ??= new CancellationTokenSource(time > TimeSpan.Zero ? time : TimeSpan.Zero);
                    read = await body.ReadAsync(deadline.Token);
                }

                if (read.Buffer.Length >= bytes || read.IsCompleted)
                {
                    var message = Read(read.Buffer, examined);
                    body.AdvanceTo(read.Buffer.Start, read.Buffer.GetPosition(examined));
                    return message;
                }

                examined = read.Buffer.Length;
                body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
        catch (OperationCanceledException) when (deadline?.IsCancellationRequested is true)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            return default(IncomingMessage);
        }
        finally
        {
            deadline?.Dispose();
        }
    }

    private static IncomingMessage Read(in ReadOnlySequence<byte> buffer, long examined)
    {
        if (buffer.Length < PrefixBytes)
        {
            return default;
        }

        Span<byte> prefix = stackalloc byte[PrefixBytes];
        buffer.Slice(0, PrefixBytes).CopyTo(prefix);
        return new IncomingMessage(prefix[0] is not 0, BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]), examined);
    }
}
