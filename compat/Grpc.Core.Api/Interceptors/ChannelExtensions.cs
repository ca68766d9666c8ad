using Grpc.Core.Utils;

namespace Grpc.Core.Interceptors;

/// <summary>Puts interceptors in front of a channel.</summary>
public static class ChannelExtensions
{
    /// <summary>Calls go through the interceptor first.</summary>
    public static CallInvoker Intercept(this ChannelBase channel, Interceptor interceptor) => Invoker(channel).Intercept(interceptor);

    /// <summary>Calls go through the interceptors in this order.</summary>
    public static CallInvoker Intercept(this ChannelBase channel, params Interceptor[] interceptors) => Invoker(channel).Intercept(interceptors);

    /// <summary>Calls are sent with the headers that the function makes of theirs.</summary>
    public static CallInvoker Intercept(this ChannelBase channel, Func<Metadata, Metadata> interceptor) => Invoker(channel).Intercept(interceptor);

    private static CallInvoker Invoker(ChannelBase channel) => GrpcPreconditions.CheckNotNull(channel, nameof(channel)).CreateCallInvoker();
}
