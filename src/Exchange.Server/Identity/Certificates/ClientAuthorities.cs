using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Exchange.Catalog;
using Exchange.Server.Hosting;

namespace Exchange.Server.Identity;

/// <summary>
/// The authorities whose certificates prove clients by name, and what they revoked, from the files that the options name. Changed files are read again within a
/// minute. Where there are revocation lists, each issuer in a chain needs one that is not out of date: else nothing is known of its certificates, and they prove nothing.
/// </summary>
internal sealed partial class ClientAuthorities
{
    private readonly ReloadedFile<X509Certificate2Collection>? authorities;
    private readonly ReloadedFile<IReadOnlyList<RevocationList>>? revoked;
    private readonly ILogger<ClientAuthorities> logger;

    /// <summary>Reads the files. Throws <see cref="HubStartException"/> when one cannot be read.</summary>
    public ClientAuthorities(HubOptions options, TimeProvider time, ILogger<ClientAuthorities> logger)
    {
        this.logger = logger;
        authorities = OpenAuthorities(options, time);
        revoked = OpenRevoked(options, time);
    }

    /// <summary>Adds the files that cannot be read.</summary>
    public static void Check(HubOptions options, StartComplaints complaints)
    {
        complaints.Try(() => OpenAuthorities(options, options.Clock));
        complaints.Try(() => OpenRevoked(options, options.Clock));
    }

    /// <summary>True when one of the authorities issued the certificate for TLS clients and did not revoke it.</summary>
    public bool Trust(X509Certificate2 certificate, DateTimeOffset now)
    {
        if (authorities?.Current() is not { } trusted)
        {
            return false;
        }

        using var chain = new X509Chain();
        var policy = chain.ChainPolicy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(trusted);
        policy.RevocationMode = X509RevocationMode.NoCheck;
        policy.DisableCertificateDownloads = true;
        policy.VerificationTime = now.UtcDateTime;
        policy.ApplicationPolicy.Add(new Oid(ClientCertificates.ClientUsage));
        var isTrusted = chain.Build(certificate) && (revoked is null || chain.ChainElements.SkipLast(1).All(element => IsKnownGood(element.Certificate, revoked.Current(), now)));
        foreach (var element in chain.ChainElements)
        {
            element.Certificate.Dispose();
        }

        return isTrusted;
    }

    /// <summary>True when its issuer revoked the certificate, as far as the lists say. Cheap: for every call.</summary>
    public bool IsRevoked(X509Certificate2 certificate) => revoked?.Current().Any(list => list.IsOf(certificate) && list.Revokes(certificate)) is true;

    private static ReloadedFile<X509Certificate2Collection>? OpenAuthorities(HubOptions options, TimeProvider time) =>
        options.ClientCaFile is { } file ? ReloadedFile.Open(file, "authorities' certificates in PEM", ReadAuthorities, time) : null;

    private static ReloadedFile<IReadOnlyList<RevocationList>>? OpenRevoked(HubOptions options, TimeProvider time) =>
        options.ClientCrlFile is { } file ? ReloadedFile.Open(file, "revocation lists (RFC 5280) in PEM", RevocationList.ReadAll, time) : null;

    private bool IsKnownGood(X509Certificate2 certificate, IReadOnlyList<RevocationList> lists, DateTimeOffset now)
    {
        var current = lists.Where(list => list.IsOf(certificate) && list.NextUpdate > now).ToList();
        if (current.Count is 0)
        {
            Log.NoList(logger, certificate.Issuer);
        }

        return current.Count > 0 && !current.Any(list => list.Revokes(certificate));
    }

    private static X509Certificate2Collection ReadAuthorities(string pem)
    {
        X509Certificate2Collection read = [];
        read.ImportFromPem(pem);
        return read.Count > 0 ? read : throw new CryptographicException("it holds no certificate");
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "clients of {Issuer} are refused: there is no revocation list of it that is not out of date")]
        public static partial void NoList(ILogger logger, string issuer);
    }
}
