namespace Grpc.Core;

/// <summary>Credentials of a channel: how the connection is protected, and what goes with each of its calls.</summary>
public abstract class ChannelCredentials
{
    /// <summary>For deriving types.</summary>
    public ChannelCredentials()
    {
    }

    /// <summary>No protection: plain HTTP/2.</summary>
    public static ChannelCredentials Insecure { get; } = new InsecureCredentials();

    /// <summary>TLS with the machine's trusted roots.</summary>
    public static ChannelCredentials SecureSsl { get; } = new SslCredentials();

    /// <summary>
    /// Adds call credentials to every call of a channel. <see cref="ArgumentException"/> when the channel credentials have some already:
    /// compose the call credentials instead. Added to insecure credentials, the channel refuses them unless it is told otherwise.
    /// </summary>
    public static ChannelCredentials Create(ChannelCredentials channelCredentials, CallCredentials callCredentials) =>
        new CompositeChannelCredentials(channelCredentials, callCredentials);

    /// <summary>Tells a channel what these credentials consist of. For channel implementations only.</summary>
    public abstract void InternalPopulateConfiguration(ChannelCredentialsConfiguratorBase configurator, object state);

    /// <summary>Whether call credentials may be added.</summary>
    internal virtual bool IsComposable => false;
}
