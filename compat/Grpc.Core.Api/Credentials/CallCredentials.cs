namespace Grpc.Core;

/// <summary>Credentials sent with a call.</summary>
public abstract class CallCredentials
{
    /// <summary>For deriving types.</summary>
    protected CallCredentials()
    {
    }

    /// <summary>Several credentials as one, applied in this order. At least two, else <see cref="ArgumentException"/>.</summary>
    public static CallCredentials Compose(params CallCredentials[] credentials) => new CompositeCallCredentials(credentials);

    /// <summary>Credentials computed for each call.</summary>
    public static CallCredentials FromInterceptor(AsyncAuthInterceptor interceptor) => new InterceptorCallCredentials(interceptor);

    /// <summary>Tells a channel what these credentials consist of. For channel implementations only.</summary>
    public abstract void InternalPopulateConfiguration(CallCredentialsConfiguratorBase configurator, object? state);
}
