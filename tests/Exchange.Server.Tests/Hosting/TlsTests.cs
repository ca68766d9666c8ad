using System.Runtime.Versioning;
using Exchange.Server.Hosting;
using Exchange.Testing;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging.Abstractions;

namespace Exchange.Server.Tests.Hosting;

[SupportedOSPlatform("linux")]
public sealed class TlsTests
{
    [Fact]
    public async Task With_a_certificate_both_addresses_speak_TLS_and_only_TLS()
    {
        var directory = Directory.CreateTempSubdirectory("test-hub-").FullName;
        var (certificateFile, keyFile, thumbprint) = TestCertificate.Make(directory);
        await using var node = await HubNode.StartAsync(
            new HubOptions
            {
                ConnectionString = await TestPostgres.CreateDatabaseAsync("tls"),
                DataDirectory = directory,
                GrpcAddress = new Uri("https://127.0.0.1:0"),
                HttpAddress = new Uri("https://127.0.0.1:0"),
                TlsCertificateFile = certificateFile,
                TlsKeyFile = keyFile,
            },
            NullLoggerFactory.Instance,
            TestContext.Current.CancellationToken);
        SocketsHttpHandler Handler() => new() { SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.GetCertHashString() == thumbprint } };
        using var channel = GrpcChannel.ForAddress(node.Addresses.Grpc, new GrpcChannelOptions { HttpHandler = Handler(), DisposeHttpClient = true });
        using var http = new HttpClient(Handler());
        using var plain = new HttpClient();

        var health = await new Health.HealthClient(channel).CheckAsync(new HealthCheckRequest());
        var discovery = await http.GetStringAsync(new Uri(node.Addresses.Http, "/.well-known/openid-configuration"));

        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, health.Status);
        Assert.Contains("https://127.0.0.1", discovery, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => plain.GetStringAsync(new UriBuilder(node.Addresses.Http) { Scheme = "http" }.Uri));
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task An_https_address_without_a_certificate_is_refused()
    {
        var options = new HubOptions { ConnectionString = await TestPostgres.CreateDatabaseAsync("tls"), GrpcAddress = new Uri("https://127.0.0.1:0"), DataDirectory = Path.GetTempPath() };

        var exception = await Assert.ThrowsAsync<HubStartException>(() => HubNode.StartAsync(options, NullLoggerFactory.Instance, TestContext.Current.CancellationToken));

        Assert.Contains("--tls-certificate-file", exception.Message, StringComparison.Ordinal);
    }
}
