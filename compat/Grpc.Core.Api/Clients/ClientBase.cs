using Grpc.Core.Interceptors;
using Grpc.Core.Utils;

namespace Grpc.Core;

/// <summary>What every generated client derives from.</summary>
public abstract class ClientBase
{
    private readonly ClientBaseConfiguration configuration;

    /// <summary>For test doubles: every call throws <see cref="NotImplementedException"/> unless its method is overridden.</summary>
    protected ClientBase()
        : this(new UnimplementedCallInvoker())
    {
    }

    /// <summary>Takes over another client's configuration.</summary>
    protected ClientBase(ClientBaseConfiguration configuration)
    {
        this.configuration = GrpcPreconditions.CheckNotNull(configuration, nameof(configuration));
        CallInvoker = configuration.CreateCallInvoker();
    }

    /// <summary>Calls over a channel.</summary>
    public ClientBase(ChannelBase channel)
        : this(GrpcPreconditions.CheckNotNull(channel, nameof(channel)).CreateCallInvoker())
    {
    }

    /// <summary>Calls through an invoker, which may be intercepted.</summary>
    public ClientBase(CallInvoker callInvoker)
        : this(new ClientBaseConfiguration(GrpcPreconditions.CheckNotNull(callInvoker, nameof(callInvoker)), null))
    {
    }

    /// <summary>Starts this client's calls.</summary>
    protected CallInvoker CallInvoker { get; }

    /// <summary>How this client was made, for a sibling that differs in one point.</summary>
    internal ClientBaseConfiguration Configuration => configuration;

    /// <summary>How a client was made; opaque to generated code, which only passes it on.</summary>
    protected internal class ClientBaseConfiguration
    {
        private readonly CallInvoker callInvoker;
        private readonly string? host;

        internal ClientBaseConfiguration(CallInvoker callInvoker, string? host)
        {
            this.callInvoker = callInvoker;
            this.host = host;
        }

        internal ClientBaseConfiguration WithHost(string host) => new(callInvoker, host);

        internal CallInvoker CreateCallInvoker() => host is null ? callInvoker : callInvoker.Intercept(new HostInterceptor(host));
    }
}
