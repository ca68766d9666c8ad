using Grpc.Core.Utils;

namespace Grpc.Core;

/// <summary>A certificate and its private key, both in PEM.</summary>
public sealed class KeyCertificatePair
{
    /// <summary>Joins a certificate chain and its key.</summary>
    public KeyCertificatePair(string certificateChain, string privateKey)
    {
        CertificateChain = GrpcPreconditions.CheckNotNull(certificateChain, nameof(certificateChain));
        PrivateKey = GrpcPreconditions.CheckNotNull(privateKey, nameof(privateKey));
    }

    /// <summary>The certificate, followed by those that vouch for it.</summary>
    public string CertificateChain { get; }

    /// <summary>The key of the first certificate.</summary>
    public string PrivateKey { get; }
}
