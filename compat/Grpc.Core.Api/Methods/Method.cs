using Grpc.Core.Utils;

namespace Grpc.Core;

/// <summary>A method of a service with the marshallers of its messages.</summary>
/// <typeparam name="TRequest">Type of the request messages.</typeparam>
/// <typeparam name="TResponse">Type of the response messages.</typeparam>
public class Method<TRequest, TResponse> : IMethod
{
    /// <summary>Describes a method; generated code does.</summary>
    public Method(
        MethodType type, string serviceName, string name, Marshaller<TRequest> requestMarshaller, Marshaller<TResponse> responseMarshaller)
    {
        Type = type;
        ServiceName = GrpcPreconditions.CheckNotNull(serviceName, nameof(serviceName));
        Name = GrpcPreconditions.CheckNotNull(name, nameof(name));
        RequestMarshaller = GrpcPreconditions.CheckNotNull(requestMarshaller, nameof(requestMarshaller));
        ResponseMarshaller = GrpcPreconditions.CheckNotNull(responseMarshaller, nameof(responseMarshaller));
        FullName = $"/{serviceName}/{name}";
    }

    /// <inheritdoc/>
    public MethodType Type { get; }

    /// <inheritdoc/>
    public string ServiceName { get; }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>Writes and reads the request messages.</summary>
    public Marshaller<TRequest> RequestMarshaller { get; }

    /// <summary>Writes and reads the response messages.</summary>
    public Marshaller<TResponse> ResponseMarshaller { get; }

    /// <inheritdoc/>
    public string FullName { get; }
}
