using System.Buffers;
using Exchange.Protos.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Exchange.Server.Records.Pull;

/// <summary>
/// A `PullResponse` that is already in its wire form. Pulls are served with it instead of the generated message: rows go from the database's buffer
/// to the wire without becoming objects.
/// </summary>
internal sealed class PullFrame(ReadOnlyMemory<byte> bytes)
{
    /// <summary>How frames are written. The hub never reads one.</summary>
    public static Marshaller<PullFrame> Marshaller { get; } = new(
        static (frame, context) =>
        {
            context.SetPayloadLength(frame.Bytes.Length);
            var writer = context.GetBufferWriter();
            writer.Write(frame.Bytes.Span);
            context.Complete();
        },
        static _ => throw new NotSupportedException("a server does not read responses"));

    /// <summary>The bytes. They stay until the frame is written.</summary>
    public ReadOnlyMemory<byte> Bytes { get; } = bytes;

    /// <summary>A message that was made as an object.</summary>
    public static PullFrame Of(PullResponse response) => new(response.ToByteArray());
}
