namespace Grpc.Core.Interceptors;

/// <summary>The call that passes through a client interceptor; pass a changed one on to change the call.</summary>
/// <typeparam name="TRequest">Type of the request messages.</typeparam>
/// <typeparam name="TResponse">Type of the response messages.</typeparam>
public readonly struct ClientInterceptorContext<TRequest, TResponse>
    where TRequest : class
    where TResponse : class
{
    /// <summary>Describes a call.</summary>
    public ClientInterceptorContext(Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        Method = method;
        Host = host;
        Options = options;
    }

    /// <summary>The method called.</summary>
    public Method<TRequest, TResponse> Method { get; }

    /// <summary>The host named; null means the channel's.</summary>
    public string? Host { get; }

    /// <summary>The options of the call.</summary>
    public CallOptions Options { get; }
}
