using System.Buffers;

namespace Grpc.Core;

/// <summary>Collects one message into an array.</summary>
internal sealed class ArraySerializationContext : SerializationContext
{
    private ArrayBufferWriter<byte>? writer;
    private int payloadLength;
    private byte[]? payload;

    public override void Complete(byte[] payload)
    {
        ThrowIfComplete();
        this.payload = payload;
    }

    public override IBufferWriter<byte> GetBufferWriter()
    {
        ThrowIfComplete();
        return writer ??= payloadLength > 0 ? new ArrayBufferWriter<byte>(payloadLength) : new ArrayBufferWriter<byte>();
    }

    public override void SetPayloadLength(int payloadLength) => this.payloadLength = payloadLength;

    public override void Complete()
    {
        ThrowIfComplete();
        payload = writer?.WrittenSpan.ToArray() ?? [];
    }

    internal byte[] GetPayload() => payload ?? throw new InvalidOperationException("the serializer did not complete its message");

    private void ThrowIfComplete()
    {
        if (payload is not null)
        {
            throw new InvalidOperationException("the serializer completed its message already");
        }
    }
}
