namespace Grpc.Core;

/// <summary>A channel protected by TLS.</summary>
public sealed class SslCredentials : ChannelCredentials
{
    private readonly VerifyPeerCallback? verifyPeerCallback;

    /// <summary>Trusts the machine's roots.</summary>
    public SslCredentials()
        : this(null, null, null)
    {
    }

    /// <summary>Trusts the given roots, in PEM.</summary>
    public SslCredentials(string? rootCertificates)
        : this(rootCertificates, null, null)
    {
    }

    /// <summary>Trusts the given roots and shows a certificate of its own.</summary>
    public SslCredentials(string? rootCertificates, KeyCertificatePair? keyCertificatePair)
        : this(rootCertificates, keyCertificatePair, null)
    {
    }

    /// <summary>As before, and asks <paramref name="verifyPeerCallback"/> after the usual checks.</summary>
    public SslCredentials(string? rootCertificates, KeyCertificatePair? keyCertificatePair, VerifyPeerCallback? verifyPeerCallback)
    {
        RootCertificates = rootCertificates;
        KeyCertificatePair = keyCertificatePair;
        this.verifyPeerCallback = verifyPeerCallback;
    }

    /// <summary>Trusted roots in PEM; null means the machine's.</summary>
    public string? RootCertificates { get; }

    /// <summary>The certificate the client shows; null means none.</summary>
    public KeyCertificatePair? KeyCertificatePair { get; }

    /// <inheritdoc/>
    public override void InternalPopulateConfiguration(ChannelCredentialsConfiguratorBase configurator, object state) =>
        configurator.SetSslCredentials(state, RootCertificates, KeyCertificatePair, verifyPeerCallback);

    /// <inheritdoc/>
    internal override bool IsComposable => true;
}
