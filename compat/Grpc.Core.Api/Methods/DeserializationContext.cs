using System.Buffers;

namespace Grpc.Core;

/// <summary>Gives one received message to its reader.</summary>
public abstract class DeserializationContext
{
    /// <summary>For deriving types.</summary>
    protected DeserializationContext()
    {
    }

    /// <summary>Size of the message in bytes.</summary>
    public abstract int PayloadLength { get; }

    /// <summary>The message as an array that the reader may keep. <see cref="NotImplementedException"/> unless overridden.</summary>
    public virtual byte[] PayloadAsNewBuffer() => throw new NotImplementedException();

    /// <summary>The message, valid only until the reader returns. A copy unless overridden.</summary>
    public virtual ReadOnlySequence<byte> PayloadAsReadOnlySequence() => new(PayloadAsNewBuffer());
}
