namespace Grpc.Core;

/// <summary>A stream of messages being received.</summary>
/// <typeparam name="T">Type of the messages.</typeparam>
public interface IAsyncStreamReader<out T>
{
    /// <summary>The message that the last successful <see cref="MoveNext"/> brought.</summary>
    T Current { get; }

    /// <summary>Waits for the next message; false at the end of the stream. One call at a time.</summary>
    Task<bool> MoveNext(CancellationToken cancellationToken);
}
