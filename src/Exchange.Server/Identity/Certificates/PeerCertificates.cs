using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Exchange.Catalog;
using Exchange.Server.Hosting;
using Microsoft.Extensions.Primitives;

namespace Exchange.Server.Identity;

/// <summary>
/// Finds the certificate of whoever makes a request: that of the TLS connection, or, from a proxy that the options name, the one in its header `client-cert`
/// (RFC 9440; also as URL-encoded PEM, which is what nginx writes). From anybody else the header means nothing; a proxy's own certificate is never its clients'.
/// </summary>
internal sealed class PeerCertificates(HubOptions options)
{
    private const string Header = "client-cert";
    private const int LongestHeader = 16 * 1024;

    private readonly ConditionalWeakTable<X509Certificate2, PeerCertificate> known = [];

    /// <summary>The certificate; null when there is none.</summary>
    public PeerCertificate? Of(HttpContext http)
    {
        if (options.IsTrustedProxy(http.Connection.RemoteIpAddress))
        {
            return Forwarded(http.Request.Headers[Header]);
        }

        return http.Connection.ClientCertificate is { } certificate ? known.GetValue(certificate, Named) : null;
    }

    private static PeerCertificate Named(X509Certificate2 certificate) => new(certificate, ClientCertificates.ThumbprintOf(certificate));

    private static PeerCertificate? Forwarded(StringValues header)
    {
        if (header is not [{ Length: > 0 and <= LongestHeader } text])
        {
            return null;
        }

        try
        {
            return Named(text is [':', .. var base64, ':']
                ? X509CertificateLoader.LoadCertificate(Convert.FromBase64String(base64))
                : X509Certificate2.CreateFromPem(Uri.UnescapeDataString(text)));
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return null;
        }
    }
}
