using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Exchange.Server.Tests.Identity.Certificates;

/// <summary>A certificate authority of a test: issues clients' certificates, good and bad ones, and revokes them.</summary>
internal sealed class TestAuthority : IDisposable
{
    /// <summary>Key usage of TLS clients and of TLS servers.</summary>
    public const string ClientUsage = "1.3.6.1.5.5.7.3.2";
    public const string ServerUsage = "1.3.6.1.5.5.7.3.1";

    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly CertificateRevocationListBuilder revoked = new();
    private long serial = 100;
    private long lists;

    public TestAuthority(string name)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256)
        {
            CertificateExtensions = { new X509BasicConstraintsExtension(true, false, 0, true), new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true) },
        };
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        Certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-30), DateTimeOffset.UtcNow.AddDays(30));
    }

    public X509Certificate2 Certificate { get; }

    /// <summary>A certificate with its private key, by default good for TLS clients from yesterday to tomorrow.</summary>
    public X509Certificate2 Issue(string subject, ECDsa? subjectKey = null, string usage = ClientUsage, string? dnsName = null, int fromDays = -1, int toDays = 1)
    {
        using var made = subjectKey is null ? ECDsa.Create(ECCurve.NamedCurves.nistP256) : null;
        var owner = subjectKey ?? made!;
        var request = Request(subject, owner, usage, dnsName);
        using var issued = request.Create(Certificate, DateTimeOffset.UtcNow.AddDays(fromDays), DateTimeOffset.UtcNow.AddDays(toDays), new BigInteger(Interlocked.Increment(ref serial)).ToByteArray());
        return issued.CopyWithPrivateKey(owner);
    }

    /// <summary>A certificate that nobody but its owner issued.</summary>
    public static X509Certificate2 SelfSign(string subject, ECDsa? subjectKey = null, int fromDays = -1, int toDays = 1)
    {
        using var made = subjectKey is null ? ECDsa.Create(ECCurve.NamedCurves.nistP256) : null;
        return Request(subject, subjectKey ?? made!, ClientUsage, null).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(fromDays), DateTimeOffset.UtcNow.AddDays(toDays));
    }

    /// <summary>Puts a certificate on the list.</summary>
    public void Revoke(X509Certificate2 certificate) => revoked.AddEntry(certificate);

    /// <summary>The list in PEM.</summary>
    public string RevocationList(int nextUpdateDays = 1) => new(PemEncoding.Write("X509 CRL", revoked.Build(
        Certificate, new BigInteger(++lists), DateTimeOffset.UtcNow.AddDays(nextUpdateDays), HashAlgorithmName.SHA256, thisUpdate: DateTimeOffset.UtcNow.AddDays(-10))));

    public void Dispose()
    {
        Certificate.Dispose();
        key.Dispose();
    }

    private static CertificateRequest Request(string subject, ECDsa key, string usage, string? dnsName)
    {
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256) { CertificateExtensions = { new X509EnhancedKeyUsageExtension([new Oid(usage)], false) } };
        if (dnsName is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(dnsName);
            request.CertificateExtensions.Add(names.Build());
        }

        return request;
    }
}
