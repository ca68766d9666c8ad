using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Exchange.Catalog;

/// <summary>Reads the certificates that a client with <see cref="ClientAuthentication.SelfSignedTls"/> is registered with.</summary>
public static class ClientCertificates
{
    /// <summary>The key usage of TLS clients (RFC 5280 section 4.2.1.12).</summary>
    public const string ClientUsage = "1.3.6.1.5.5.7.3.2";

    private const int Longest = 64 * 1024;
    private const int LeastRsaBits = 2048;
    private const int LeastEcBits = 256;

    /// <summary>The certificates of a PEM text, 1 to <see cref="ClientKeyRules.MostKeys"/>. The refusal says what is wrong with which.</summary>
    /// <param name="pem">The text.</param>
    /// <param name="field">Field to complain of.</param>
    /// <param name="now">The time at which they must be valid.</param>
    public static Result<ImmutableArray<RegisteredKey>> Parse(string pem, string field, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(pem);
        if (pem.Length > Longest)
        {
            return Refusal.Invalid(field, "TOO_LONG", $"certificates are at most {Longest} characters");
        }

        if (pem.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
        {
            return Refusal.Invalid(field, "PRIVATE_KEY", "this holds a private key: send the certificate only, and one of a new key, for this one has been shown");
        }

        X509Certificate2Collection certificates = [];
        try
        {
            certificates.ImportFromPem(pem);
            return certificates.Count is 0 or > ClientKeyRules.MostKeys
                ? Refusal.Invalid(field, "NOT_A_CERTIFICATE", $"give 1 to {ClientKeyRules.MostKeys} certificates in PEM")
                : Read(certificates, field, now);
        }
        catch (CryptographicException)
        {
            return Refusal.Invalid(field, "NOT_A_CERTIFICATE", "this is not a certificate (RFC 5280) in PEM");
        }
        finally
        {
            foreach (var certificate in certificates)
            {
                certificate.Dispose();
            }
        }
    }

    /// <summary>The thumbprint by which tokens are bound to a certificate (RFC 8705 section 3.1): SHA-256 of its DER, in base64url.</summary>
    public static string ThumbprintOf(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return Base64Url.EncodeToString(SHA256.HashData(certificate.RawDataMemory.Span));
    }

    private static Result<ImmutableArray<RegisteredKey>> Read(X509Certificate2Collection certificates, string field, DateTimeOffset now)
    {
        var keys = ImmutableArray.CreateBuilder<RegisteredKey>();
        foreach (var certificate in certificates)
        {
            if (Complaint(certificate, now) is { } complaint)
            {
                return Refusal.Invalid(field, complaint.Reason, $"certificate {keys.Count + 1} {complaint.Text}");
            }

            keys.Add(new RegisteredKey { Id = ThumbprintOf(certificate), Certificate = certificate.ExportCertificatePem(), CreateTime = now, ExpireTime = certificate.NotAfter.ToUniversalTime() });
        }

        return keys.DistinctBy(key => key.Id).Count() < keys.Count ? Refusal.Invalid(field, "DUPLICATE", "a certificate comes twice") : keys.ToImmutable();
    }

    private static (string Reason, string Text)? Complaint(X509Certificate2 certificate, DateTimeOffset now)
    {
        using var rsa = certificate.GetRSAPublicKey();
        using var ec = certificate.GetECDsaPublicKey();
        if (!(rsa?.KeySize >= LeastRsaBits || ec?.KeySize >= LeastEcBits))
        {
            return ("KEY_SIZE", $"needs an RSA key of {LeastRsaBits} bits or an EC key of {LeastEcBits} at least");
        }

        if (certificate.NotAfter.ToUniversalTime() <= now)
        {
            return ("EXPIRED", "has expired");
        }

        return certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault() is { } usage && !usage.EnhancedKeyUsages.Cast<Oid>().Any(oid => oid.Value is ClientUsage)
            ? ("KEY_USE", "is for another use than TLS clients")
            : null;
    }
}
