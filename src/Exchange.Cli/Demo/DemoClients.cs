using Exchange.Cli.Identity;
using Exchange.Cli.Terminal;
using Exchange.Clients;
using Exchange.Clients.Identity;
using Exchange.Protos.V1;

namespace Exchange.Cli.Demo;

/// <summary>One client a department, registered for this run with a fresh key and disabled at its end.</summary>
internal sealed class DemoClients(HubFolder place, ExchangeClient operatorClient, string keyFolder) : IAsyncDisposable
{
    private readonly string _run = DemoKeys.NewRun();
    private readonly SortedDictionary<string, ExchangeClient> _clients = new(StringComparer.Ordinal);
    private readonly List<ExchangeClient> _followers = [];
    private readonly SortedDictionary<string, ExchangeClient> _stewards = new(StringComparer.Ordinal);

    /// <summary>Departments that have a client.</summary>
    public IReadOnlyCollection<string> Departments => _clients.Keys;

    /// <summary>The client of a department.</summary>
    public ExchangeClient this[string department] => _clients[department];

    /// <summary>Where departments follow; the hub itself when null.</summary>
    public Uri? FollowAt { get; init; }

    /// <summary>The client that a department follows with.</summary>
    public ExchangeClient FollowerOf(string department)
    {
        if (FollowAt is null)
        {
            return _clients[department];
        }

        var credential = ClientCredential.PrivateKey(IdOf(department), ClientKey.FromPem(File.ReadAllText(KeyOf(department))));
        var follower = new ExchangeClient(OptionsFor(place, credential) with { Address = FollowAt });
        _followers.Add(follower);
        return follower;
    }

    /// <summary>Its id.</summary>
    public string IdOf(string department) => DemoKeys.ClientId(department, _run);

    /// <summary>File of its key.</summary>
    public string KeyOf(string department) => Path.Combine(keyFolder, IdOf(department) + ".pem");

    /// <summary>Registers clients for those of the departments that have none yet.</summary>
    public async Task RegisterAsync(IEnumerable<string> departments, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(keyFolder);
        foreach (var department in departments.Where(d => !_clients.ContainsKey(d)).Distinct().Order(StringComparer.Ordinal).ToArray())
        {
            var key = ClientKey.Create();
            KeyFile.Write(KeyOf(department), key);
            _clients.Add(department, await RegisterAsync($"departments/{department}", IdOf(department), key, Role.DepartmentSystem, cancellationToken));
        }
    }

    /// <summary>A client of a department's steward, who keeps its sharing list and gives its grants; its key is in memory only.</summary>
    public Task<ExchangeClient> StewardAsync(string department, CancellationToken cancellationToken) => StewardAsync(department, StewardOf(department), cancellationToken);

    /// <summary>A client of another steward, who approves what is about fields of level 3 and 4.</summary>
    public Task<ExchangeClient> SecondStewardAsync(string department, CancellationToken cancellationToken) =>
        StewardAsync(department, StewardOf(department) + "-second", cancellationToken);

    private async Task<ExchangeClient> StewardAsync(string department, string id, CancellationToken cancellationToken)
    {
        var name = $"{department}/clients/{id}";
        if (!_stewards.TryGetValue(name, out var steward))
        {
            steward = await RegisterAsync(department, id, ClientKey.Create(), Role.Steward, cancellationToken);
            _stewards.Add(name, steward);
        }

        return steward;
    }

    /// <summary>How to reach the demo's hub.</summary>
    public static ExchangeClientOptions OptionsFor(HubFolder place, ClientCredential credential) => new()
    {
        Address = place.Grpc!,
        TokenEndpoint = place.TokenEndpoint,
        Issuer = place.Issuer,
        Credential = credential,
    };

    /// <summary>Deletes the keys, so that nobody has them any more, and disables the clients as far as the hub is still there.</summary>
    public async Task DisableAsync(CancellationToken cancellationToken)
    {
        foreach (var department in _clients.Keys)
        {
            File.Delete(KeyOf(department));
        }

        foreach (var department in _clients.Keys)
        {
            await operatorClient.Identity.DisableAsync($"departments/{department}/clients/{IdOf(department)}", cancellationToken);
        }

        foreach (var steward in _stewards.Keys)
        {
            await operatorClient.Identity.DisableAsync(steward, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients.Values.Concat(_stewards.Values).Concat(_followers))
        {
            await client.DisposeAsync();
        }
    }

    private string StewardOf(string department) => $"demo-steward-{department["departments/".Length..]}-{_run}";

    private async Task<ExchangeClient> RegisterAsync(string department, string id, ClientKey key, Role role, CancellationToken cancellationToken)
    {
        var client = new Client { DisplayName = $"demo run {_run}", Authentication = ClientAuthentication.PrivateKeyJwt, Jwks = key.ToJwks(), Role = role };
        await operatorClient.Identity.CreateAsync(department, id, client, cancellationToken);
        return new ExchangeClient(OptionsFor(place, ClientCredential.PrivateKey(id, key)));
    }
}
