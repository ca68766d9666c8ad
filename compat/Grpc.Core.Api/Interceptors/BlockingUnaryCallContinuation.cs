namespace Grpc.Core.Interceptors;

/// <summary>Passes a unary call that blocks on to the next interceptor, or to the channel after the last.</summary>
/// <typeparam name="TRequest">Type of the request messages.</typeparam>
/// <typeparam name="TResponse">Type of the response messages.</typeparam>
public delegate TResponse BlockingUnaryCallContinuation<TRequest, TResponse>(
    TRequest request, ClientInterceptorContext<TRequest, TResponse> context)
    where TRequest : class
    where TResponse : class;
