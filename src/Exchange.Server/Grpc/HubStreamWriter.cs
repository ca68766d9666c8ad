using Grpc.Core;

namespace Exchange.Server.Grpc;

/// <summary>
/// The answers of a stream. A write that is cancelled ends the waiting for the client, not the connection's stream: gRPC itself would reset it, and the
/// client would never hear the status that says why.
/// </summary>
internal sealed class HubStreamWriter<T>(IServerStreamWriter<T> inner) : IServerStreamWriter<T>
{
    /// <inheritdoc/>
    public WriteOptions? WriteOptions
    {
        get => inner.WriteOptions;
        set => inner.WriteOptions = value;
    }

    /// <inheritdoc/>
    public Task WriteAsync(T message) => inner.WriteAsync(message);

    /// <inheritdoc/>
    public Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return inner.WriteAsync(message, CancellationToken.None).WaitAsync(cancellationToken);
    }
}
