using Grpc.Core.Utils;

namespace Grpc.Core;

/// <summary>The call that an <see cref="AsyncAuthInterceptor"/> is asked to authenticate.</summary>
public class AuthInterceptorContext
{
    /// <summary>A call that cannot be cancelled.</summary>
    public AuthInterceptorContext(string serviceUrl, string methodName)
        : this(serviceUrl, methodName, CancellationToken.None)
    {
    }

    /// <summary>A call that ends when <paramref name="cancellationToken"/> does.</summary>
    public AuthInterceptorContext(string serviceUrl, string methodName, CancellationToken cancellationToken)
    {
        ServiceUrl = GrpcPreconditions.CheckNotNull(serviceUrl, nameof(serviceUrl));
        MethodName = GrpcPreconditions.CheckNotNull(methodName, nameof(methodName));
        CancellationToken = cancellationToken;
    }

    /// <summary>Address of the service, usable as the audience of a token.</summary>
    public string ServiceUrl { get; }

    /// <summary>Name of the method called.</summary>
    public string MethodName { get; }

    /// <summary>Ends with the call.</summary>
    public CancellationToken CancellationToken { get; }
}
