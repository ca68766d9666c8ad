using System.Collections.Immutable;
using Exchange.Catalog;
using Exchange.Server.Hosting;
using Exchange.Server.Identity;
using Exchange.Testing;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Exchange.Server.Tests;

/// <summary>
/// The real hub on loopback, on a database of its own, with helpers to register departments and clients and to call as them. Tests of services
/// go through a channel like everybody else.
/// </summary>
public sealed class TestHub : IAsyncDisposable
{
    private readonly List<GrpcChannel> channels = [];
    private readonly List<TestHub> nodes = [];
    private readonly List<TestClient> clients = [];
    private readonly TestHubSettings settings;

    private TestHub(HubNode node, TestHubSettings settings)
    {
        Node = node;
        this.settings = settings;
        Http = new HttpClient { BaseAddress = node.Addresses.Http };
        Anonymous = OpenChannel();
    }

    /// <summary>The running node.</summary>
    public HubNode Node { get; }

    /// <summary>For the token endpoint and pages.</summary>
    public HttpClient Http { get; }

    /// <summary>A channel without a token.</summary>
    public GrpcChannel Anonymous { get; }

    /// <summary>The node's services.</summary>
    public IServiceProvider Services => Node.Services;

    /// <summary>Everything the hub logged so far, with exceptions.</summary>
    public TestLog Log => settings.Log;

    /// <summary>Starts a hub on an empty database whose name begins with the given one.</summary>
    public static Task<TestHub> StartAsync(string name, TestHubSettings? settings = null) => StartNodeAsync((settings ?? new()) with { Name = name, Log = new(), Clients = new() });

    /// <summary>Starts another node of this hub, on the same database with the same keys; it stops with this one.</summary>
    public async Task<TestHub> StartSecondNodeAsync()
    {
        var node = await StartNodeAsync(settings);
        nodes.Add(node);
        return node;
    }

    /// <summary>Registers a client with a key of its own, and its department the first time.</summary>
    public Task<TestClient> RegisterAsync(string department, string? client = null, Role role = Role.DepartmentSystem)
    {
        var made = new TestClient(this, new ClientId(client ?? department + "-system"), new DepartmentId(department));
        Publish(made.Id, new ClientRegistration
        {
            Id = made.Id, Department = made.Department, Authentication = ClientAuthentication.PrivateKeyJwt, Jwks = made.Jwks, Role = role,
        });
        clients.Add(made);
        return Task.FromResult(made);
    }

    /// <summary>Registers a client with a secret, which is returned.</summary>
    public Task<string> RegisterSecretAsync(string department, string client)
    {
        var (secret, hash) = ClientSecrets.Create();
        Publish(new ClientId(client), new ClientRegistration
        {
            Id = new ClientId(client), Department = new DepartmentId(department), Authentication = ClientAuthentication.ClientSecret, SecretHash = hash, Role = Role.DepartmentSystem,
        });
        return Task.FromResult(secret);
    }

    /// <summary>Disables a client.</summary>
    public Task DisableAsync(ClientId client)
    {
        Publish(client, settings.Clients[client.Value] with { DisableTime = DateTimeOffset.UtcNow });
        return Task.CompletedTask;
    }

    /// <summary>A channel to this node; the hub disposes it.</summary>
    public GrpcChannel OpenChannel()
    {
        var channel = GrpcChannel.ForAddress(Node.Addresses.Grpc);
        channels.Add(channel);
        return channel;
    }

    /// <summary>Stops the nodes.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var client in clients)
        {
            client.Dispose();
        }

        foreach (var node in nodes)
        {
            await node.DisposeAsync();
        }

        foreach (var channel in channels)
        {
            channel.Dispose();
        }

        Http.Dispose();
        await Node.DisposeAsync();
        Directory.Delete(settings.DataDirectory, recursive: true);
    }

    private static async Task<TestHub> StartNodeAsync(TestHubSettings settings)
    {
        var connectionString = settings.ConnectionString ?? await TestPostgres.CreateDatabaseAsync(settings.Name);
        var directory = Directory.CreateTempSubdirectory("test-hub-").FullName;
        var options = settings.Options(new HubOptions
        {
            ConnectionString = connectionString,
            DataDirectory = directory,
            GrpcAddress = new Uri("http://127.0.0.1:0"),
            HttpAddress = new Uri("http://127.0.0.1:0"),
            SigningKeyFile = settings.SigningKeyFile,
        });
        var node = await HubNode.StartAsync(options, settings.Log, settings.Add, settings.Map, TestContext.Current.CancellationToken);
        return new TestHub(node, settings with
        {
            ConnectionString = connectionString,
            DataDirectory = directory,
            SigningKeyFile = options.SigningKeyFile ?? Path.Combine(directory, "signing-key.pem"),
            Options = o => settings.Options(o) with { Issuer = new Uri(node.Addresses.Issuer) },
        });
    }

    private void Publish(ClientId id, ClientRegistration client)
    {
        lock (settings.Clients)
        {
            settings.Clients[id.Value] = client;
            foreach (var node in nodes.Prepend(this))
            {
                node.Services.GetRequiredService<ClientDirectory>().Publish(settings.Clients.ToImmutableSortedDictionary(StringComparer.Ordinal));
            }
        }
    }
}
