using System.Buffers;
using Grpc.Core.Utils;

namespace Grpc.Core;

/// <summary>Gives one message out of an array.</summary>
internal sealed class ArrayDeserializationContext(byte[] payload) : DeserializationContext
{
    private readonly byte[] payload = GrpcPreconditions.CheckNotNull(payload, nameof(payload));

    public override int PayloadLength => payload.Length;

    // The caller of Marshaller.Deserializer handed the array over, so it need not be copied again.
    public override byte[] PayloadAsNewBuffer() => payload;

    public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => new(payload);
}
