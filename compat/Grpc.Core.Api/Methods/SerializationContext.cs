using System.Buffers;

namespace Grpc.Core;

/// <summary>Takes one written message: either a whole array, or what was written to its buffer writer, and then <see cref="Complete()"/>.</summary>
public abstract class SerializationContext
{
    /// <summary>For deriving types.</summary>
    protected SerializationContext()
    {
    }

    /// <summary>The message is this array, which must not change any more. <see cref="NotImplementedException"/> unless overridden.</summary>
    public virtual void Complete(byte[] payload) => throw new NotImplementedException();

    /// <summary>Where to write the message. <see cref="NotImplementedException"/> unless overridden.</summary>
    public virtual IBufferWriter<byte> GetBufferWriter() => throw new NotImplementedException();

    /// <summary>Announces the exact size before writing, so that the message needs no second buffer. A hint: does nothing unless overridden.</summary>
    public virtual void SetPayloadLength(int payloadLength)
    {
    }

    /// <summary>The message has been written to the buffer writer. <see cref="NotImplementedException"/> unless overridden.</summary>
    public virtual void Complete() => throw new NotImplementedException();
}
