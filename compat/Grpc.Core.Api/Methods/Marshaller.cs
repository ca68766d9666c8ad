using Grpc.Core.Utils;

namespace Grpc.Core;

/// <summary>Writes and reads messages of one type. Made from either pair of functions, it offers both.</summary>
/// <typeparam name="T">Type of the messages.</typeparam>
public class Marshaller<T>
{
    /// <summary>Made from functions over byte arrays; the context functions go through them.</summary>
    public Marshaller(Func<T, byte[]> serializer, Func<byte[], T> deserializer)
    {
        Serializer = GrpcPreconditions.CheckNotNull(serializer, nameof(serializer));
        Deserializer = GrpcPreconditions.CheckNotNull(deserializer, nameof(deserializer));
        ContextualSerializer = (message, context) => context.Complete(serializer(message));
        ContextualDeserializer = context => deserializer(context.PayloadAsNewBuffer());
    }

    /// <summary>Made from functions over contexts, which can avoid a copy; the array functions go through them.</summary>
    public Marshaller(Action<T, SerializationContext> serializer, Func<DeserializationContext, T> deserializer)
    {
        ContextualSerializer = GrpcPreconditions.CheckNotNull(serializer, nameof(serializer));
        ContextualDeserializer = GrpcPreconditions.CheckNotNull(deserializer, nameof(deserializer));
        Serializer = message =>
        {
            var context = new ArraySerializationContext();
            serializer(message, context);
            return context.GetPayload();
        };
        Deserializer = payload => deserializer(new ArrayDeserializationContext(payload));
    }

    /// <summary>Writes a message into an array.</summary>
    public Func<T, byte[]> Serializer { get; }

    /// <summary>Reads a message from an array.</summary>
    public Func<byte[], T> Deserializer { get; }

    /// <summary>Writes a message into a context.</summary>
    public Action<T, SerializationContext> ContextualSerializer { get; }

    /// <summary>Reads a message from a context.</summary>
    public Func<DeserializationContext, T> ContextualDeserializer { get; }
}
