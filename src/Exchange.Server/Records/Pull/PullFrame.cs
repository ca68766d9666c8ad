using System.Buffers;
using Exchange.Protos.V1;
using Exchange.Server.Grpc.Wire;
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
    public static Marshaller<PullFrame> Marshaller { get; } =
        ServerMarshaller.OfResponse<PullFrame>(static frame => frame.Bytes.Length, static (frame, writer) => writer.Write(frame.Bytes.Span));

    /// <summary>The bytes. They stay until the frame is written.</summary>
    public ReadOnlyMemory<byte> Bytes { get; } = bytes;

    /// <summary>A message that was made as an object.</summary>
    public static PullFrame Of(PullResponse response) => new(response.ToByteArray());
}
