using Exchange.Catalog;

namespace Exchange.Server.Identity;

/// <summary>
/// Proves clients by their TLS certificates (RFC 8705 section 2). By name: an authority that the hub trusts issued it, and a renewed one is as good. By itself: it
/// is one of the registered ones, and a renewed one is registered first. Certificates that are not valid now prove nothing.
/// </summary>
internal sealed class CertificateLogins(ClientDirectory clients, ClientAuthorities authorities, TimeProvider time)
{
    /// <summary>The client of this id if the certificate is its own; else null.</summary>
    public AuthenticatedClient? Verify(string clientId, PeerCertificate peer)
    {
        var now = time.GetUtcNow();
        var certificate = peer.Certificate;
        if (!ClientId.IsValid(clientId) || clients.Find(new ClientId(clientId)) is not { IsDisabled: false } client
            || certificate.NotBefore.ToUniversalTime() > now || certificate.NotAfter.ToUniversalTime() <= now)
        {
            return null;
        }

        return client.Authentication switch
        {
            ClientAuthentication.SelfSignedTls when client.Keys.Any(key => key.Id == peer.Thumbprint && key.IsGood(now)) => new(client, peer.Thumbprint),
            ClientAuthentication.Tls when client.CertificateName?.IsOf(certificate) is true && authorities.Trust(certificate, now) => new(client, ClientCredentials.NameOf(client)),
            _ => null,
        };
    }
}
