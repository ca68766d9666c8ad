using Grpc.Core.Utils;

namespace Grpc.Core.Interceptors;

/// <summary>Puts interceptors in front of an invoker.</summary>
public static class CallInvokerExtensions
{
    /// <summary>Calls go through the interceptor first. Of several put in front one after another, the last one put there sees a call first.</summary>
    public static CallInvoker Intercept(this CallInvoker invoker, Interceptor interceptor) =>
        new InterceptingCallInvoker(
            GrpcPreconditions.CheckNotNull(invoker, nameof(invoker)), GrpcPreconditions.CheckNotNull(interceptor, nameof(interceptor)));

    /// <summary>Calls go through the interceptors in this order.</summary>
    public static CallInvoker Intercept(this CallInvoker invoker, params Interceptor[] interceptors)
    {
        GrpcPreconditions.CheckNotNull(invoker, nameof(invoker));
        GrpcPreconditions.CheckNotNull(interceptors, nameof(interceptors));
        return Enumerable.Reverse(interceptors).Aggregate(invoker, Intercept);
    }

    /// <summary>Calls are sent with the headers that the function makes of theirs.</summary>
    public static CallInvoker Intercept(this CallInvoker invoker, Func<Metadata, Metadata> interceptor) =>
        Intercept(invoker, new MetadataInterceptor(GrpcPreconditions.CheckNotNull(interceptor, nameof(interceptor))));
}
