using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Exchange.Server.Hosting;

/// <summary>The TLS certificate in its files. A renewed one is picked up within a minute, without a restart.</summary>
internal sealed class ServerCertificate
{
    private readonly ReloadedFile<SslStreamCertificateContext> file;

    private ServerCertificate(ReloadedFile<SslStreamCertificateContext> file) => this.file = file;

    /// <summary>Reads the files the options name; null with a complaint when they do not hold a certificate with its key.</summary>
    public static ServerCertificate? Open(HubOptions options, StartComplaints complaints)
    {
        if (options.TlsCertificateFile is not { } file)
        {
            complaints.Add("an https address needs --tls-certificate-file and --tls-key-file");
            return null;
        }

        var keyFile = options.TlsKeyFile ?? file;
        return PrivateFile.Read(keyFile, complaints) is null
            ? null
            : complaints.Try(() => new ServerCertificate(
                ReloadedFile.Open(file, "the TLS certificate, its key being beside it or in --tls-key-file,", pem => Read(pem, keyFile), options.Clock)));
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
