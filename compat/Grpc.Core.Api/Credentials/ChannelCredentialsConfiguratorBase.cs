namespace Grpc.Core;

/// <summary>Receives what channel credentials consist of. For channel implementations only.</summary>
public abstract class ChannelCredentialsConfiguratorBase
{
    /// <summary>For deriving types.</summary>
    protected ChannelCredentialsConfiguratorBase()
    {
    }

    /// <summary>The channel is not protected.</summary>
    public abstract void SetInsecureCredentials(object state);

    /// <summary>The channel uses TLS; null means the default of that part.</summary>
    public abstract void SetSslCredentials(
        object state, string? rootCertificates, KeyCertificatePair? keyCertificatePair, VerifyPeerCallback? verifyPeerCallback);

    /// <summary>The channel adds credentials to every call.</summary>
    public abstract void SetCompositeCredentials(object state, ChannelCredentials channelCredentials, CallCredentials callCredentials);
}
