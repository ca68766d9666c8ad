using Exchange.Clients;
using Exchange.Clients.Catalog;
using Exchange.Clients.Identity;
using Exchange.Protos.V1;

namespace Exchange.Server.Tests.Clients;

/// <summary>A hub on which the sample city is published, and clients of it made by the client library.</summary>
internal sealed class ClientHub : IAsyncDisposable
{
    private readonly List<ExchangeClient> _clients = [];
    private int _registered;

    private ClientHub(TestHub hub)
    {
        Hub = hub;
        Operator = Connect(ClientCredential.PrivateKey(hub.Options.OperatorClient.Value, ClientKey.FromPem(File.ReadAllText(Path.Combine(hub.Options.DataDirectory, "operator-key.pem")))));
    }

    public TestHub Hub { get; }

    public ExchangeClient Operator { get; }

    public static string Root { get; } = FindRoot();

    public static async Task<ClientHub> StartAsync(string name, TestHubSettings? settings = null)
    {
        var hub = new ClientHub(await TestHub.StartAsync(name, settings));
        var files = new List<CatalogFile>();
        foreach (var file in new[] { "departments.yaml", "complaint.yaml", "sharing.yaml" })
        {
            files.Add(await CatalogFile.ReadAsync(Path.Combine(Root, "samples", "city", file), TestContext.Current.CancellationToken));
        }

        List<PublishedItem> items = [];
        await CatalogPublisher.PublishAsync(hub.Operator, d => hub.RegisterAsync(d["departments/".Length..], Role.Steward), files, items.Add, TestContext.Current.CancellationToken);
        foreach (var waiting in items.Where(item => item.Outcome is PublishOutcome.Waits))
        {
            var second = await hub.RegisterAsync(waiting.PendingChange.Split('/')[1], Role.Steward);
            await second.PendingChanges.ApproveAsync(waiting.PendingChange, "", TestContext.Current.CancellationToken);
        }

        return hub;
    }

    /// <summary>Registers a client of a department with a key of its own.</summary>
    public async Task<ExchangeClient> RegisterAsync(string department, Role role = Role.DepartmentSystem, Func<ExchangeClientOptions, ExchangeClientOptions>? options = null)
    {
        var (id, key) = await RegisterKeyAsync(department, role);
        return Connect(ClientCredential.PrivateKey(id, key), options);
    }

    /// <summary>Registers a client and gives its id and key, for programs.</summary>
    public async Task<(string Id, ClientKey Key)> RegisterKeyAsync(string department, Role role = Role.DepartmentSystem)
    {
        var key = ClientKey.Create();
        var id = $"{department}-{Interlocked.Increment(ref _registered)}";
        var client = new Client { Authentication = ClientAuthentication.PrivateKeyJwt, Jwks = key.ToJwks(), Role = role };
        await Operator.Identity.CreateAsync($"departments/{department}", id, client, TestContext.Current.CancellationToken);
        return (id, key);
    }

    public ExchangeClient Connect(ClientCredential credential, Func<ExchangeClientOptions, ExchangeClientOptions>? change = null)
    {
        var options = new ExchangeClientOptions { Address = Hub.Node.Addresses.Grpc, TokenEndpoint = new Uri(Hub.Node.Addresses.TokenEndpoint), Credential = credential };
        var client = new ExchangeClient(change is null ? options : change(options));
        _clients.Add(client);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }

        await Hub.DisposeAsync();
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "DataExchange.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException("no DataExchange.sln above the tests");
    }
}
