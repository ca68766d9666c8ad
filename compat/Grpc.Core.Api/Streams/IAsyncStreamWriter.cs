namespace Grpc.Core;

/// <summary>A stream of messages being sent.</summary>
/// <typeparam name="T">Type of the messages.</typeparam>
public interface IAsyncStreamWriter<in T>
{
    /// <summary>Options of the messages written from now on; null means the call's.</summary>
    WriteOptions? WriteOptions { get; set; }

    /// <summary>Writes a message; ends when the transport has taken it. One call at a time.</summary>
    Task WriteAsync(T message);

    /// <summary>Writes a message unless cancelled. A writer that does not override it throws <see cref="NotSupportedException"/> for a token that can be cancelled.</summary>
    Task WriteAsync(T message, CancellationToken cancellationToken) =>
        cancellationToken.CanBeCanceled
            ? throw new NotSupportedException("this stream writer cannot cancel a write: write without a token")
            : WriteAsync(message);
}
