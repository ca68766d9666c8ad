using System.Buffers;
using Exchange.Protos.V1;
using Exchange.Server.Grpc.Wire;
using Google.Protobuf;
using Grpc.Core;

namespace Exchange.Server.Feed;

/// <summary>
/// A `FollowResponse` in its wire form, in parts. Feeds are served with it instead of the generated message: what several readers see alike is written
/// once and sent to all of them.
/// </summary>
internal sealed class FeedFrame(params ReadOnlyMemory<byte>[] parts)
{
    /// <summary>How frames are written. The hub never reads one.</summary>
    public static Marshaller<FeedFrame> Marshaller { get; } = ServerMarshaller.OfResponse<FeedFrame>(
        static frame => frame.Length,
        static (frame, writer) =>
        {
            foreach (var part in frame.Parts)
            {
                writer.Write(part.Span);
            }
        });

    /// <summary>The bytes, one part after the other. They stay until the frame is written.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Parts => parts;

    /// <summary>Bytes of all parts.</summary>
    public int Length => parts.Sum(part => part.Length);

    /// <summary>A message that was made as an object.</summary>
    public static FeedFrame Of(FollowResponse response) => new(response.ToByteArray());
}
