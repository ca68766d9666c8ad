using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Exchange.Server.Hosting;

/// <summary>The TLS certificate in its files. A renewed one is picked up within a minute, without a restart.</summary>
internal sealed class ServerCertificate
{
    private readonly ReloadedFile<SslStreamCertificateContext> file;

    private ServerCertificate(ReloadedFile<SslStreamCertificateContext> file) => this.file = file;

    /// <summary>Reads the files the options name. Throws <see cref="HubStartException"/> when they do not hold a certificate with its key.</summary>
    public static ServerCertificate Open(HubOptions options, TimeProvider time)
    {
        if (options.TlsCertificateFile is not { } file)
        {
            throw new HubStartException("an https address needs --tls-certificate-file and --tls-key-file");
        }

        var keyFile = options.TlsKeyFile ?? file;
        PrivateFile.Read(keyFile, options.Unsafe);
        return new ServerCertificate(ReloadedFile.Open(file, "the TLS certificate, its key being beside it or in --tls-key-file,", pem => Read(pem, keyFile), time));
    }

    /// <summary>The certificate to serve now, with the chain of its file.</summary>
    public SslStreamCertificateContext Current() => file.Current();

    private static SslStreamCertificateContext Read(string pem, string keyFile)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(pem);
        return SslStreamCertificateContext.Create(X509Certificate2.CreateFromPem(pem, File.ReadAllText(keyFile)), chain, offline: true);
    }
}
