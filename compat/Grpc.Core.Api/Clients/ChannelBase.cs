using Grpc.Core.Utils;

namespace Grpc.Core;

/// <summary>A connection to a server, however many sockets it uses.</summary>
public abstract class ChannelBase
{
    /// <summary>Names the server the channel leads to.</summary>
    protected ChannelBase(string target) => Target = GrpcPreconditions.CheckNotNull(target, nameof(target));

    /// <summary>The server the channel leads to.</summary>
    public string Target { get; }

    /// <summary>Starts calls over this channel.</summary>
    public abstract CallInvoker CreateCallInvoker();

    /// <summary>Ends the channel; calls in flight may be cut off.</summary>
    public Task ShutdownAsync() => ShutdownAsyncCore();

    /// <summary>Does the work of <see cref="ShutdownAsync"/>; nothing unless overridden.</summary>
    protected virtual Task ShutdownAsyncCore() => Task.CompletedTask;
}
