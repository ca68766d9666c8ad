namespace Grpc.Core;

/// <summary>Receives what call credentials consist of. For channel implementations only.</summary>
public abstract class CallCredentialsConfiguratorBase
{
    /// <summary>For deriving types.</summary>
    protected CallCredentialsConfiguratorBase()
    {
    }

    /// <summary>The credentials are several, in this order.</summary>
    public abstract void SetCompositeCredentials(object? state, IReadOnlyList<CallCredentials> credentials);

    /// <summary>The credentials are computed for each call.</summary>
    public abstract void SetAsyncAuthInterceptorCredentials(object? state, AsyncAuthInterceptor interceptor);
}
