namespace Grpc.Core.Interceptors;

/// <summary>Passes a call that streams both ways on to the next interceptor, or to the channel after the last.</summary>
/// <typeparam name="TRequest">Type of the request messages.</typeparam>
/// <typeparam name="TResponse">Type of the response messages.</typeparam>
public delegate AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCallContinuation<TRequest, TResponse>(
    ClientInterceptorContext<TRequest, TResponse> context)
    where TRequest : class
    where TResponse : class;
