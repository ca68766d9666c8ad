using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;

namespace Exchange.Clients.Hub;

/// <summary>Methods that stream responses which have a reader of their own.</summary>
internal static class ReadMethod
{
    /// <summary>Reads a message from one piece of memory.</summary>
    public delegate T SpanReader<out T>(ReadOnlySpan<byte> bytes);

    /// <summary>A method. Responses that came in several pieces are left to the generated code.</summary>
    public static Method<TRequest, TResponse> Of<TRequest, TResponse>(MethodDescriptor method, SpanReader<TResponse> read, MessageParser<TResponse> parser)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> => new(
        MethodType.ServerStreaming,
        method.Service.FullName,
        method.Name,
        Marshallers.Create<TRequest>(
            static (request, context) => context.Complete(request.ToByteArray()), static _ => throw new NotSupportedException("a client does not read requests")),
        Marshallers.Create(
            static (_, _) => throw new NotSupportedException("a client does not write responses"),
            context =>
            {
                var bytes = context.PayloadAsReadOnlySequence();
                return bytes.IsSingleSegment ? read(bytes.FirstSpan) : parser.ParseFrom(bytes);
            }));
}
