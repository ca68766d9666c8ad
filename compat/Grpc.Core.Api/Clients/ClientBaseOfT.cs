using Grpc.Core.Utils;

namespace Grpc.Core;

/// <summary>What every generated client derives from, naming itself as <typeparamref name="T"/>.</summary>
/// <typeparam name="T">The generated client.</typeparam>
public abstract class ClientBase<T> : ClientBase
    where T : ClientBase<T>
{
    /// <summary>For test doubles: every call throws <see cref="NotImplementedException"/> unless its method is overridden.</summary>
    protected ClientBase()
    {
    }

    /// <summary>Takes over another client's configuration.</summary>
    protected ClientBase(ClientBaseConfiguration configuration)
        : base(configuration)
    {
    }

    /// <summary>Calls over a channel.</summary>
    public ClientBase(ChannelBase channel)
        : base(channel)
    {
    }

    /// <summary>Calls through an invoker, which may be intercepted.</summary>
    public ClientBase(CallInvoker callInvoker)
        : base(callInvoker)
    {
    }

    /// <summary>A client that names <paramref name="host"/> in its calls, for a server that serves several. Without it, the channel's host is named.</summary>
    public T WithHost(string host) => NewInstance(Configuration.WithHost(GrpcPreconditions.CheckNotNull(host, nameof(host))));

    /// <summary>Makes a client of the same kind; generated code implements it.</summary>
    protected abstract T NewInstance(ClientBaseConfiguration configuration);
}
