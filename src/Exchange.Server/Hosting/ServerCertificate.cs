using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Exchange.Server.Hosting;

/// <summary>The TLS certificate in its files. A renewed one is picked up within a minute, without a restart.</summary>
internal sealed class ServerCertificate
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Lock turn = new();
    private readonly string certificateFile;
    private readonly string keyFile;
    private readonly TimeProvider time;
    private SslStreamCertificateContext current;
    private DateTime writeTime;
    private DateTimeOffset checkTime;

    private ServerCertificate(string certificateFile, string keyFile, TimeProvider time)
    {
        this.certificateFile = certificateFile;
        this.keyFile = keyFile;
        this.time = time;
        (current, writeTime) = Load();
        checkTime = time.GetUtcNow() + Patience;
    }

    /// <summary>Reads the files the options name. Throws <see cref="HubStartException"/> when they do not hold a certificate with its key.</summary>
    public static ServerCertificate Open(HubOptions options, TimeProvider time)
    {
        if (options.TlsCertificateFile is not { } file)
        {
            throw new HubStartException("an https address needs --tls-certificate-file and --tls-key-file");
        }

        var keyFile = options.TlsKeyFile ?? file;
        PrivateFile.Read(keyFile, options.Unsafe);
        try
        {
            return new ServerCertificate(file, keyFile, time);
        }
        catch (Exception e) when (e is IOException or CryptographicException)
        {
            throw new HubStartException($"cannot read the TLS certificate `{file}` with its key: {e.Message}", e);
        }
    }

    /// <summary>The certificate to serve now, with the chain of its file.</summary>
    public SslStreamCertificateContext Current()
    {
        lock (turn)
        {
            if (time.GetUtcNow() >= checkTime)
            {
                checkTime = time.GetUtcNow() + Patience;
                try
                {
                    if (File.GetLastWriteTimeUtc(certificateFile) != writeTime)
                    {
                        (current, writeTime) = Load();
                    }
                }
                catch (Exception e) when (e is IOException or CryptographicException)
                {
                    // Half-written files: the certificate in use stays, and the next minute tries again.
                }
            }

            return current;
        }
    }

    private (SslStreamCertificateContext Context, DateTime WriteTime) Load()
    {
        var written = File.GetLastWriteTimeUtc(certificateFile);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(certificateFile);
        return (SslStreamCertificateContext.Create(X509Certificate2.CreateFromPemFile(certificateFile, keyFile), chain, offline: true), written);
    }
}
