using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.RegularExpressions;
using Exchange.Protos.V1;
using Exchange.Server.Tests.Clients;
using Exchange.Server.Tests.Identity.Certificates;
using Google.Rpc;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using static Exchange.Server.Tests.Governance.GovernanceHub;

namespace Exchange.Server.Tests.Hosting;

/// <summary>deploy/nginx.conf in a real nginx, in front of a real hub: only addresses, ports and file places are replaced.</summary>
[SupportedOSPlatform("linux")]
public sealed class NginxTests : IAsyncLifetime
{
    private static readonly string? Nginx = ((string[])["/usr/sbin", "/usr/local/sbin", .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')])
        .Select(folder => Path.Combine(folder, "nginx")).FirstOrDefault(File.Exists);

    private readonly string folder = Directory.CreateTempSubdirectory("exchange-nginx-").FullName;
    private TestHub? hub;

    private TestHub Hub => hub ?? throw new InvalidOperationException("not initialised");

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(Nginx is null, "nginx is not installed");
        hub = await TestHub.StartAsync("nginx", new() { Options = options => options with { TrustedProxies = [IPNetwork.Parse("127.0.0.0/8")] } });
    }

    public async ValueTask DisposeAsync()
    {
        if (File.Exists(Path.Combine(folder, "nginx.pid")))
        {
            await RunAsync("-s", "stop");
        }

        await (hub?.DisposeAsync() ?? ValueTask.CompletedTask);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Calls_go_through_it_with_the_longest_status_and_the_most_metadata_that_the_hub_allows()
    {
        var (address, thumbprint) = await ConfigureAsync();
        Assert.Equal((0, "syntax is ok"), await TestAsync());
        Assert.Equal(0, await RunAsync());
        using var channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler
            {
                SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.GetCertHashString() == thumbprint },
            },
            DisposeHttpClient = true,
        });
        var token = new Metadata { { "authorization", $"Bearer {Hub.Operator.AccessToken}" } };
        var catalog = new CatalogService.CatalogServiceClient(channel);

        var health = await new Health.HealthClient(channel).CheckAsync(new HealthCheckRequest());
        var listed = await catalog.ListResourcesAsync(new ListResourcesRequest(), new Metadata { token[0], { "x-padding", new string('a', 14_000) } });
        var bad = Resource("bad", [.. Enumerable.Range(0, 200).Select(i => Field($"Not A Name {i}", 0))]);
        var refused = await Assert.ThrowsAsync<RpcException>(() => catalog.PublishResourceAsync(new PublishResourceRequest { Resource = bad }, token).ResponseAsync);

        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, health.Status);
        Assert.Empty(listed.Resources);
        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.InRange(refused.Details().CalculateSize(), 3_500, 8_192);
        Assert.True(refused.Detail<BadRequest>()!.FieldViolations.Count > 20);
    }

    [Fact]
    public async Task A_clients_certificate_goes_through_it_and_a_header_from_outside_does_not()
    {
        var (address, thumbprint) = await ConfigureAsync();
        Assert.Equal(0, await RunAsync());
        using var own = TestAuthority.SelfSign("CN=proxied");
        using var other = TestAuthority.SelfSign("CN=proxied");
        await Hub.RegisterDepartmentAsync("housing");
        await new IdentityService.IdentityServiceClient(Hub.Operator.Invoker).CreateClientAsync(new CreateClientRequest
        {
            Parent = "departments/housing",
            ClientId = "proxied",
            Client = new Client { Authentication = ClientAuthentication.SelfSignedTlsClientAuth, Certificates = own.ExportCertificatePem(), Role = Role.DepartmentSystem },
        });
        SocketsHttpHandler Handler(X509Certificate2? certificate) => new()
        {
            SslOptions =
            {
                RemoteCertificateValidationCallback = (_, served, _, _) => served?.GetCertHashString() == thumbprint,
                ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, null, offline: true),
            },
        };
        async Task<(HttpStatusCode Status, string? Token)> AskAsync(X509Certificate2? certificate, string? header)
        {
            using var http = new HttpClient(Handler(certificate));
            using var request = new HttpRequestMessage(HttpMethod.Post, address + "/connect/token")
            {
                Content = new FormUrlEncodedContent([KeyValuePair.Create("grant_type", "client_credentials"), KeyValuePair.Create("client_id", "proxied")]),
            };
            if (header is not null)
            {
                request.Headers.Add("client-cert", header);
            }

            using var response = await http.SendAsync(request);
            var body = await response.Content.ReadFromJsonAsync<JsonElement>();
            return (response.StatusCode, body.TryGetProperty("access_token", out var token) ? token.GetString() : null);
        }

        var forged = $":{Convert.ToBase64String(own.RawData)}:";
        var (status, token) = await AskAsync(own, null);
        async Task<string> AnswerAsync(X509Certificate2? certificate, Metadata? metadata = null)
        {
            using var channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions { HttpHandler = Handler(certificate), DisposeHttpClient = true });
            try
            {
                await new CatalogService.CatalogServiceClient(TestClient.With(channel, token!)).ListResourcesAsync(new ListResourcesRequest(), metadata);
                return "OK";
            }
            catch (RpcException e)
            {
                return e.Reason();
            }
        }

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(null, forged)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(other, forged)).Status);
        Assert.Equal("OK", await AnswerAsync(own));
        Assert.Equal("TOKEN_INVALID", await AnswerAsync(null, new Metadata { { "client-cert", forged } }));
        Assert.Equal("TOKEN_INVALID", await AnswerAsync(other, new Metadata { { "client-cert", forged } }));
    }

    /// <summary>Writes the configuration, and returns where it listens and with which certificate.</summary>
    private async Task<(string Address, string Thumbprint)> ConfigureAsync()
    {
        var (certificateFile, keyFile, thumbprint) = TestCertificate.Make(folder);
        var port = FreePort();
        var text = await File.ReadAllTextAsync(Path.Combine(ClientHub.Root, "deploy", "nginx.conf"), TestContext.Current.CancellationToken);
        text = Replace(text, @"server hub-1:5400", $"server {Hub.Node.Addresses.Grpc.Authority}");
        text = Replace(text, @"server hub-1:5401", $"server {Hub.Node.Addresses.Http.Authority}");
        text = Regex.Replace(text, @"^ *server hub-2:.*\n", "", RegexOptions.Multiline);
        text = Replace(text, "listen 8443 ", $"listen 127.0.0.1:{port} ");
        text = Replace(text, "/etc/nginx/tls/hub.crt", certificateFile);
        text = Replace(text, "/etc/nginx/tls/hub.key", keyFile);
        text = Replace(text, "http {", $"http {{ {string.Concat(((string[])["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]).Select(kind => $"{kind}_temp_path {folder}/{kind}; "))}");
        var user = Environment.IsPrivilegedProcess ? "user root;\n" : "";
        await File.WriteAllTextAsync(Path.Combine(folder, "nginx.conf"), $"{user}pid {folder}/nginx.pid;\nerror_log {folder}/error.log;\n{text}");
        return ($"https://127.0.0.1:{port}", thumbprint);
    }

    private static string Replace(string text, string old, string replacement)
    {
        Assert.Contains(old, text, StringComparison.Ordinal);
        return text.Replace(old, replacement, StringComparison.Ordinal);
    }

    private async Task<(int ExitCode, string Says)> TestAsync()
    {
        var exitCode = await RunAsync("-t", "-q");
        return (exitCode, exitCode is 0 ? "syntax is ok" : await File.ReadAllTextAsync(Path.Combine(folder, "error.log")));
    }

    // Without arguments nginx returns when it listens.
    private async Task<int> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Nginx!, ["-p", folder, "-e", Path.Combine(folder, "error.log"), "-c", Path.Combine(folder, "nginx.conf"), .. arguments]))!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
