using System.Buffers;
using Google.Protobuf;
using Grpc.Core;

namespace Exchange.Server.Grpc.Wire;

/// <summary>Marshallers of methods that are served apart from their generated base class: a server reads requests and writes responses, never the other way round.</summary>
internal static class ServerMarshaller
{
    /// <summary>For requests that are generated messages.</summary>
    public static Marshaller<T> OfRequest<T>(MessageParser<T> parser)
        where T : IMessage<T> => OfRequest(message => parser.ParseFrom(message));

    /// <summary>For requests that are read from their bytes.</summary>
    public static Marshaller<T> OfRequest<T>(Func<ReadOnlySequence<byte>, T> read) => new(
        static (_, _) => throw new NotSupportedException("a server does not write requests"), context => read(context.PayloadAsReadOnlySequence()));

    /// <summary>For responses that are generated messages.</summary>
    public static Marshaller<T> OfResponse<T>()
        where T : IMessage<T> => OfResponse<T>(static response => response.CalculateSize(), static (response, writer) => response.WriteTo(writer));

    /// <summary>For responses in their wire form: how many bytes one takes, and how it is written.</summary>
    public static Marshaller<T> OfResponse<T>(Func<T, int> size, Action<T, IBufferWriter<byte>> write) => new(
        (response, context) =>
        {
            context.SetPayloadLength(size(response));
            write(response, context.GetBufferWriter());
            context.Complete();
        },
        static _ => throw new NotSupportedException("a server does not read responses"));
}
