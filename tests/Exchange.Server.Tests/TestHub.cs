using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Exchange.Catalog;
using Exchange.Protos.V1;
using Exchange.Server.Hosting;
using Exchange.Server.Identity;
using Exchange.Testing;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;
using ClientAuthentication = Exchange.Protos.V1.ClientAuthentication;
using Department = Exchange.Protos.V1.Department;
using Role = Exchange.Protos.V1.Role;

namespace Exchange.Server.Tests;

/// <summary>
/// The real hub on loopback, on a database of its own, with helpers to register departments and clients and to call as them. Tests of services
/// go through a channel like everybody else.
/// </summary>
public sealed class TestHub : IAsyncDisposable
{
    // Well before a token's ten minutes are over.
    private static readonly TimeSpan RenewedAfter = TimeSpan.FromMinutes(4);

    private readonly List<TestHub> nodes = [];
    private readonly ConcurrentQueue<TestClient> clients = [];
    private readonly CancellationTokenSource stop = new();
    private Task renewing = Task.CompletedTask;
    private Task<TestClient>? secondOperator;
    private readonly TestHubSettings settings;
    private HubOptions options;

    private TestHub(HubNode node, HubOptions options, TestHubSettings settings)
    {
        Node = node;
        this.settings = settings;

        // From now on the node keeps its ports, also over a restart.
        this.options = options with { GrpcAddress = node.Addresses.Grpc, HttpAddress = node.Addresses.Http, Issuer = new Uri(node.Addresses.Issuer) };
        Http = HttpWith(null);
        Anonymous = ChannelWith(null);
    }

    /// <summary>The running node.</summary>
    public HubNode Node { get; private set; }

    /// <summary>The hub's operator.</summary>
    public TestClient Operator { get; private set; } = null!;

    /// <summary>For the token endpoint and pages.</summary>
    public HttpClient Http { get; }

    /// <summary>A channel without a token.</summary>
    public GrpcChannel Anonymous { get; }

    /// <summary>The node's services.</summary>
    public IServiceProvider Services => Node.Services;

    /// <summary>Everything the hub logged so far, with exceptions.</summary>
    public TestLog Log => settings.Log;

    /// <summary>The node's settings.</summary>
    public HubOptions Options => options;

    /// <summary>The key pair that signs access tokens now. The caller disposes it.</summary>
    internal ECDsa SigningKey => WebKeys.ToECDsa(Services.GetRequiredService<SigningKeys>().Signing.Jwk);

    /// <summary>For the token endpoint, with a TLS certificate. The caller disposes it.</summary>
    public HttpClient HttpWith(X509Certificate2? certificate) => new(HandlerWith(certificate)) { BaseAddress = Node.Addresses.Http };

    /// <summary>A channel without a token, with a TLS certificate. The caller disposes it.</summary>
    public GrpcChannel ChannelWith(X509Certificate2? certificate) =>
        GrpcChannel.ForAddress(Node.Addresses.Grpc, new GrpcChannelOptions { HttpHandler = HandlerWith(certificate), DisposeHttpClient = true });

    /// <summary>Starts a hub on an empty database whose name begins with the given one.</summary>
    public static async Task<TestHub> StartAsync(string name, TestHubSettings? settings = null)
    {
        var given = settings ?? new();
        given = given with { Log = new() { KeepsLibraries = given.LogsLibraries } };
        var connectionString = given.ConnectionString ?? await TestPostgres.CreateDatabaseAsync(name);
        var hub = await StartNodeAsync(given, given.Options(new HubOptions
        {
            ConnectionString = connectionString,
            DataDirectory = Directory.CreateTempSubdirectory("test-hub-").FullName,
            GrpcAddress = new Uri("http://127.0.0.1:0"),
            HttpAddress = new Uri("http://127.0.0.1:0"),
            GovernancePatience = TimeSpan.FromSeconds(30),
        }));
        var key = ECDsa.Create();
        key.ImportFromPem(await File.ReadAllTextAsync(Path.Combine(hub.options.DataDirectory, "operator-key.pem")));
        hub.Operator = await hub.SignInAsync(hub.options.OperatorDepartment, hub.options.OperatorClient, key);
        hub.renewing = hub.RenewAsync(hub.stop.Token);
        return hub;
    }

    /// <summary>Starts another node of this hub, on the same database with the same keys and what the test changes; it stops with this one.</summary>
    public async Task<TestHub> StartSecondNodeAsync(Func<HubOptions, HubOptions>? change = null)
    {
        var second = options with
        {
            DataDirectory = Directory.CreateTempSubdirectory("test-hub-").FullName,
            HubKeyFile = Path.Combine(options.DataDirectory, "hub-key"),
            GrpcAddress = new Uri("http://127.0.0.1:0"),
            HttpAddress = new Uri("http://127.0.0.1:0"),
        };
        var node = await StartNodeAsync(settings, change?.Invoke(second) ?? second);
        node.Operator = Operator;
        nodes.Add(node);
        return node;
    }

    /// <summary>Stops the node and starts it again on the same database, folder and ports.</summary>
    public async Task RestartAsync()
    {
        await Node.DisposeAsync();
        Node = await HubNode.StartAsync(options, settings.Log, settings.Add, settings.Map, TestContext.Current.CancellationToken);
    }

    /// <summary>Registers a department if it is not there: city level, with one source system that has the department's id.</summary>
    public async Task RegisterDepartmentAsync(string department)
    {
        try
        {
            await new DepartmentsService.DepartmentsServiceClient(Operator.Invoker).CreateDepartmentAsync(new CreateDepartmentRequest
            {
                DepartmentId = department,
                Department = new Department { DisplayName = department, Level = Protos.V1.AdministrativeLevel.City, SourceSystems = { department } },
            });
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.AlreadyExists)
        {
            // By an earlier call.
        }
    }

    /// <summary>Registers a client with a key of its own, its department too if it is not there, and signs it in. The id is `{department}-system` unless given.</summary>
    public async Task<TestClient> RegisterAsync(string department, string? client = null, Role role = Role.DepartmentSystem)
    {
        await RegisterDepartmentAsync(department);
        var id = client ?? department + "-system";
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await CreateClientAsync(department, id, new Client { Authentication = ClientAuthentication.PrivateKeyJwt, Jwks = TestClient.ToJwks(key), Role = role });
        return await SignInAsync(new DepartmentId(department), new ClientId(id), key);
    }

    /// <summary>Another operator, for what one alone does not decide.</summary>
    public Task<TestClient> SecondOperatorAsync() => secondOperator ??= RegisterAsync(options.OperatorDepartment.Value, "second-operator", Role.Operator);

    /// <summary>Registers a client with these keys.</summary>
    public async Task RegisterKeysAsync(string department, string client, params JsonWebKey[] keys)
    {
        await RegisterDepartmentAsync(department);
        var registration = new Client { Authentication = ClientAuthentication.PrivateKeyJwt, Jwks = WebKeys.PublicSet(keys), Role = Role.DepartmentSystem };
        await CreateClientAsync(department, client, registration);
    }

    /// <summary>Registers a client with a secret, which is returned.</summary>
    public async Task<string> RegisterSecretAsync(string department, string client)
    {
        await RegisterDepartmentAsync(department);
        var created = await CreateClientAsync(department, client, new Client { Authentication = ClientAuthentication.ClientSecret, Role = Role.DepartmentSystem });
        return created.ClientSecret;
    }

    /// <summary>Disables a client.</summary>
    public async Task DisableAsync(TestClient client) => await new IdentityService.IdentityServiceClient(Operator.Invoker)
        .DisableClientAsync(new DisableClientRequest { Name = $"departments/{client.Department}/clients/{client.Id}" });

    /// <summary>Stops the nodes.</summary>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await renewing;
        stop.Dispose();
        foreach (var client in clients)
        {
            client.Dispose();
        }

        foreach (var node in nodes)
        {
            await node.DisposeAsync();
        }

        Anonymous.Dispose();
        Http.Dispose();
        await Node.DisposeAsync();
        Directory.Delete(options.DataDirectory, recursive: true);
    }

    // Whatever certificate the node has: these tests are about the client's.
    internal static SocketsHttpHandler HandlerWith(X509Certificate2? certificate) => new()
    {
        SslOptions = new()
        {
            RemoteCertificateValidationCallback = (_, own, _, _) => own is not null,
            ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, null, offline: true),
        },
    };

    private static async Task<TestHub> StartNodeAsync(TestHubSettings settings, HubOptions options) =>
        new(await HubNode.StartAsync(options, settings.Log, settings.Add, settings.Map, TestContext.Current.CancellationToken), options, settings);

    // A hub that several tests share may be older than a token when its last test comes: others, long ones, run in between. Real clients get new ones, too.
    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(RenewedAfter);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                foreach (var client in clients)
                {
                    try
                    {
                        await client.SignInAsync();
                    }
                    catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
                    {
                        // Its test disabled it, or stopped the node.
                    }
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The tests are over.
        }
    }

    private async Task<CreateClientResponse> CreateClientAsync(string department, string id, Client client) =>
        await new IdentityService.IdentityServiceClient(Operator.Invoker).CreateClientAsync(
            new CreateClientRequest { Parent = $"departments/{department}", ClientId = id, Client = client });

    /// <summary>Signs a registered client in with its key.</summary>
    internal async Task<TestClient> SignInAsync(DepartmentId department, ClientId id, ECDsa key)
    {
        var client = new TestClient(this, id, department, key);
        clients.Enqueue(client);
        await client.SignInAsync();
        return client;
    }
}
