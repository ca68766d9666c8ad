using System.Security.Cryptography.X509Certificates;

namespace Exchange.Server.Identity;

/// <summary>A TLS certificate whose private key the peer proved to have.</summary>
/// <param name="Certificate">The certificate; nothing is said of who issued it.</param>
/// <param name="Thumbprint">SHA-256 of its DER in base64url, `x5t#S256` of RFC 8705 section 3.1.</param>
internal sealed record PeerCertificate(X509Certificate2 Certificate, string Thumbprint);
