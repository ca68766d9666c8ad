using System.Runtime.Versioning;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Exchange.Protos.V1;
using Exchange.Server.Hosting;
using Exchange.Server.Tests.Grpc;
using Exchange.Server.Tests.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Exchange.Server.Tests.Identity.Certificates;

/// <summary>A hub that speaks TLS and takes client certificates, with an authority it trusts.</summary>
[SupportedOSPlatform("linux")]
internal sealed class CertificateHub : IAsyncDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("test-hub-tls-");

    public TestHub Hub { get; private set; } = null!;

    public TestAuthority Authority { get; } = new("Test authority");

    public static async Task<CertificateHub> StartAsync(string name, Action<TestAuthority>? before = null, Func<HubOptions, HubOptions>? change = null, string? crl = null, TestHubSettings? settings = null)
    {
        var city = new CertificateHub();
        before?.Invoke(city.Authority);
        var (certificateFile, keyFile, _) = TestCertificate.Make(city.folder.FullName);
        var (caFile, crlFile) = (Path.Combine(city.folder.FullName, "ca.pem"), Path.Combine(city.folder.FullName, "crl.pem"));
        await File.WriteAllTextAsync(caFile, city.Authority.Certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(crlFile, crl ?? city.Authority.RevocationList());
        HubOptions Tls(HubOptions options) => options with
        {
            GrpcAddress = new Uri("https://127.0.0.1:0"),
            HttpAddress = new Uri("https://127.0.0.1:0"),
            TlsCertificateFile = certificateFile,
            TlsKeyFile = keyFile,
            GrpcClientCertificates = ClientCertificateMode.AllowCertificate,
            HttpClientCertificates = ClientCertificateMode.AllowCertificate,
            ClientCaFile = caFile,
            ClientCrlFile = crlFile,
        };
        city.Hub = await TestHub.StartAsync(name, (settings ?? EdgeHub.Settings) with { Options = options => change is null ? Tls(options) : change(Tls(options)) });
        return city;
    }

    /// <summary>Registers a client of department `housing`.</summary>
    public async Task<Client> RegisterAsync(string id, Client client)
    {
        await Hub.RegisterDepartmentAsync("housing");
        client.Role = Role.DepartmentSystem;
        return (await new IdentityService.IdentityServiceClient(Hub.Operator.Invoker).CreateClientAsync(new CreateClientRequest { Parent = "departments/housing", ClientId = id, Client = client })).Client;
    }

    /// <summary>What the token endpoint answers a client with this certificate: the access token, or its refusal as sent.</summary>
    public Task<string> AskAsync(string client, X509Certificate2? certificate, params (string Name, string Value)[] more) => AskAsync(Hub, client, certificate, [], more);

    /// <summary>As <see cref="AskAsync(string, X509Certificate2?, ValueTuple{string, string}[])"/>, of any node and with headers.</summary>
    public static async Task<string> AskAsync(
        TestHub node, string client, X509Certificate2? certificate, (string Name, string Value)[] headers, params (string Name, string Value)[] more)
    {
        using var http = node.HttpWith(certificate);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/connect/token")
        {
            Content = new FormUrlEncodedContent(
                [KeyValuePair.Create("grant_type", "client_credentials"), KeyValuePair.Create("client_id", client), .. more.Select(pair => KeyValuePair.Create(pair.Name, pair.Value))]),
        };
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return response.IsSuccessStatusCode ? JsonDocument.Parse(body).RootElement.GetProperty("access_token").GetString()! : $"{(int)response.StatusCode} {body}";
    }

    /// <summary>How the hub answers a call with this token over a connection with this certificate.</summary>
    public async Task<string> AnswerAsync(string token, X509Certificate2? certificate)
    {
        using var channel = Hub.ChannelWith(certificate);
        return await IdentityHub.AnswerAsync(TestClient.With(channel, token));
    }

    public async ValueTask DisposeAsync()
    {
        await Hub.DisposeAsync();
        Authority.Dispose();
        folder.Delete(recursive: true);
    }
}
