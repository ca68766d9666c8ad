using System.IO.Pipelines;

namespace Exchange.Server.Grpc.Connections;

/// <summary>A connection's two directions, one of them watched.</summary>
internal sealed class WatchedPipe(PipeReader input, PipeWriter output) : IDuplexPipe
{
    /// <inheritdoc/>
    public PipeReader Input { get; } = input;

    /// <inheritdoc/>
    public PipeWriter Output { get; } = output;
}
