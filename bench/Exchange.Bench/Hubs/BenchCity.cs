using Exchange.Clients;
using Exchange.Clients.Identity;
using Exchange.Protos.V1;
using Google.Protobuf.WellKnownTypes;

namespace Exchange.Bench.Hubs;

/// <summary>The departments of a hub and the resources they push to, made when a bench first asks for them.</summary>
public sealed class BenchCity : IAsyncDisposable
{
    private readonly HubProcess hub;
    private readonly ExchangeClient operatorClient;
    private readonly Dictionary<string, ExchangeClient> departments = [];
    private readonly List<ExchangeClient> clients = [];

    private BenchCity(HubProcess hub, ClientKey key)
    {
        this.hub = hub;
        operatorClient = Connect(ClientCredential.PrivateKey("operator", key));
    }

    /// <summary>Enters as the operator.</summary>
    public static async Task<BenchCity> FoundAsync(HubProcess hub, CancellationToken cancellationToken) =>
        new(hub, ClientKey.FromPem(await File.ReadAllTextAsync(Path.Combine(hub.DataDirectory, "operator-key.pem"), cancellationToken)));

    /// <summary>The client of a department, registered at the first call with a source system of its own name.</summary>
    public async Task<ExchangeClient> DepartmentAsync(string department, CancellationToken cancellationToken)
    {
        if (departments.TryGetValue(department, out var known))
        {
            return known;
        }

        var made = new Department { Name = $"departments/{department}", DisplayName = department, DisplayNameZh = department, Level = AdministrativeLevel.City };
        made.SourceSystems.Add(department);
        await operatorClient.Departments.CreateAsync(made, cancellationToken);
        return departments[department] = await RegisterAsync(department, department, Role.DepartmentSystem, cancellationToken);
    }

    /// <summary>Publishes a resource under a department, which is registered if it is not.</summary>
    public async Task PublishAsync(BenchResource resource, string department, CancellationToken cancellationToken)
    {
        await DepartmentAsync(department, cancellationToken);
        await operatorClient.Catalog.PublishResourceAsync(resource.Definition(department), cancellationToken);
    }

    /// <summary>Lets a reader read the records of an owner that pass a filter.</summary>
    public async Task GrantAsync(BenchResource resource, string owner, string reader, string filter, CancellationToken cancellationToken)
    {
        var giver = await RegisterAsync(owner, $"steward-{clients.Count}", Role.Steward, cancellationToken);
        var taker = await RegisterAsync(reader, $"steward-{clients.Count}", Role.Steward, cancellationToken);
        var agreement = await giver.Access.PublishAgreementAsync(
            new Agreement { Name = $"departments/{owner}/agreements/bench", Title = "Bench", Text = "Nothing is real here." }, cancellationToken);
        var grant = new Grant
        {
            Reader = $"departments/{reader}",
            Resource = resource.Name,
            RowFilter = filter,
            Agreement = agreement.Name,
            ExpireTime = Timestamp.FromDateTime(DateTime.UtcNow.AddYears(1)),
        };
        grant.Fields.AddRange(BenchResource.Fields);
        grant.Purposes.Add(Purpose.Analysis);
        var offered = await giver.Access.CreateGrantAsync($"departments/{owner}", grant, Guid.NewGuid(), cancellationToken);
        await taker.Access.AcceptGrantAsync(offered.Name, offered.AgreementVersion, cancellationToken);
    }

    private async Task<ExchangeClient> RegisterAsync(string department, string client, Role role, CancellationToken cancellationToken)
    {
        var key = ClientKey.Create();
        var registration = new Client { DisplayName = client, Authentication = ClientAuthentication.PrivateKeyJwt, Jwks = key.ToJwks(), Role = role };
        await operatorClient.Identity.CreateAsync($"departments/{department}", client, registration, cancellationToken);
        return Connect(ClientCredential.PrivateKey(client, key));
    }

    /// <summary>Closes the clients.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    private ExchangeClient Connect(ClientCredential credential)
    {
        var client = new ExchangeClient(new ExchangeClientOptions { Address = hub.GrpcAddress, Credential = credential, TokenEndpoint = new Uri(hub.HttpAddress, "/connect/token") });
        clients.Add(client);
        return client;
    }
}
