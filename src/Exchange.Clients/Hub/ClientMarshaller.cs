using Google.Protobuf;
using Grpc.Core;

namespace Exchange.Clients.Hub;

/// <summary>Marshallers of methods whose responses have a reader of their own: a client writes requests and reads responses, never the other way round.</summary>
internal static class ClientMarshaller
{
    /// <summary>Reads a message from one piece of memory.</summary>
    public delegate T SpanReader<out T>(ReadOnlySpan<byte> bytes);

    /// <summary>For requests.</summary>
    public static Marshaller<T> OfRequest<T>()
        where T : IMessage<T> => new(
        static (request, context) => context.Complete(request.ToByteArray()),
        static _ => throw new NotSupportedException("a client does not read requests"));

    /// <summary>For responses; those that came in several pieces are left to the generated code.</summary>
    public static Marshaller<T> OfResponse<T>(SpanReader<T> read, MessageParser<T> parser)
        where T : IMessage<T> => new(
        static (_, _) => throw new NotSupportedException("a client does not write responses"),
        context =>
        {
            var bytes = context.PayloadAsReadOnlySequence();
            return bytes.IsSingleSegment ? read(bytes.FirstSpan) : parser.ParseFrom(bytes);
        });
}
