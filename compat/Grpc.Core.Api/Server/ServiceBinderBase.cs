namespace Grpc.Core;

/// <summary>Receives a service's methods with their handlers. Every method throws <see cref="NotImplementedException"/> unless overridden.</summary>
public class ServiceBinderBase
{
    /// <summary>For deriving types.</summary>
    public ServiceBinderBase()
    {
    }

    /// <summary>Takes a unary method. The handler is null where only the description of the service is wanted.</summary>
    public virtual void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
        where TRequest : class
        where TResponse : class =>
        throw new NotImplementedException();

    /// <summary>Takes a client streaming method. The handler is null where only the description of the service is wanted.</summary>
    public virtual void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler)
        where TRequest : class
        where TResponse : class =>
        throw new NotImplementedException();

    /// <summary>Takes a server streaming method. The handler is null where only the description of the service is wanted.</summary>
    public virtual void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler)
        where TRequest : class
        where TResponse : class =>
        throw new NotImplementedException();

    /// <summary>Takes a method that streams both ways. The handler is null where only the description of the service is wanted.</summary>
    public virtual void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler)
        where TRequest : class
        where TResponse : class =>
        throw new NotImplementedException();
}
