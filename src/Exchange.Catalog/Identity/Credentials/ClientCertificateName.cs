using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Exchange.Catalog;

/// <summary>
/// The name that a client's certificate must have, whoever of the trusted authorities issued it (RFC 8705 section 2.1.2): the whole subject, or one DNS name among its alternative
/// names. Exactly one of the two is given.
/// </summary>
/// <param name="SubjectDn">The subject as RFC 4514 writes it, for example <c>CN=housing-sync,O=Housing</c>; empty when not given.</param>
/// <param name="SanDns">A DNS name, compared without regard to case; empty when not given.</param>
public sealed record ClientCertificateName(string SubjectDn, string SanDns)
{
    private const int Longest = 1000;

    /// <summary>What is wrong with it; null when nothing is.</summary>
    public FieldViolation? Check()
    {
        if (SubjectDn.Length is 0 == SanDns.Length is 0)
        {
            return new("client.tls_client_auth", "REQUIRED", "give the certificate's subject_dn or one san_dns, and not both");
        }

        return SubjectDn.Length > 0 && (SubjectDn.Length > Longest || SubjectDn.Contains('+', StringComparison.Ordinal) || Parts(SubjectDn) is null or [])
            ? new("client.tls_client_auth.subject_dn", "INVALID_NAME", $"must be a distinguished name of at most {Longest} characters such as `CN=housing-sync,O=Housing`, each part of one attribute")
            : SanDns.Length > 0 && Uri.CheckHostName(SanDns) is not UriHostNameType.Dns
                ? new("client.tls_client_auth.san_dns", "INVALID_NAME", "must be one DNS name without wildcard")
                : null;
    }

    /// <summary>True when the certificate has the name. Nothing is said of who issued it.</summary>
    public bool IsOf(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return SanDns.Length > 0
            ? certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault()?.EnumerateDnsNames().Contains(SanDns, StringComparer.OrdinalIgnoreCase) is true
            : Parts(SubjectDn) is { Count: > 0 } wanted && Parts(certificate.SubjectName) is { } parts && wanted.SequenceEqual(parts);
    }

    private static List<(string? Type, string? Value)>? Parts(string name)
    {
        try
        {
            return Parts(new X500DistinguishedName(name));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    // Compared part by part: the same text is encoded in several ways.
    private static List<(string? Type, string? Value)>? Parts(X500DistinguishedName name)
    {
        List<X500RelativeDistinguishedName> parts = [.. name.EnumerateRelativeDistinguishedNames()];
        return parts.Any(part => part.HasMultipleElements) ? null : [.. parts.Select(part => (part.GetSingleElementType().Value, part.GetSingleElementValue()))];
    }
}
