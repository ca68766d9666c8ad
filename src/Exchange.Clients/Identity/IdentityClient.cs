using Exchange.Clients.Hub;
using Exchange.Protos.V1;

namespace Exchange.Clients.Identity;

/// <summary>Clients of departments, and the hub's signing keys.</summary>
public sealed class IdentityClient
{
    private readonly HubConnection _hub;
    private readonly IdentityService.IdentityServiceClient _service;

    internal IdentityClient(HubConnection hub)
    {
        _hub = hub;
        _service = new IdentityService.IdentityServiceClient(hub.Invoker);
    }

    /// <summary>Registers a client of a department (`departments/{department}`). Not tried again: a lost answer may have registered it.</summary>
    public Task<CreateClientResponse> CreateAsync(string department, string clientId, Client client, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.CreateClientAsync, new CreateClientRequest { Parent = department, ClientId = clientId, Client = client }, false, cancellationToken);

    /// <summary>A department's clients.</summary>
    public IAsyncEnumerable<Client> ListAsync(string department, CancellationToken cancellationToken) => Pages.AllAsync(
        token => _hub.CallAsync(_service.ListClientsAsync, new ListClientsRequest { Parent = department, PageSize = 500, PageToken = token }, true, cancellationToken),
        page => page.Clients,
        page => page.NextPageToken,
        cancellationToken);

    /// <summary>Disables a client, by its name `departments/{department}/clients/{client}`.</summary>
    public Task<Client> DisableAsync(string name, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.DisableClientAsync, new DisableClientRequest { Name = name }, true, cancellationToken);

    /// <summary>Adds a key or certificate to a client (`departments/{department}/clients/{client}`), or sets when one that is there expires.</summary>
    public Task<RegisteredKey> AddKeyAsync(string client, RegisteredKey key, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.AddClientKeyAsync, new AddClientKeyRequest { Parent = client, Key = key }, true, cancellationToken);

    /// <summary>Takes a key or certificate away, by its name `departments/{department}/clients/{client}/keys/{key}`.</summary>
    public Task<Client> RemoveKeyAsync(string name, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.RemoveClientKeyAsync, new RemoveClientKeyRequest { Name = name }, true, cancellationToken);

    /// <summary>The keys that sign access tokens, the oldest first.</summary>
    public IAsyncEnumerable<SigningKey> ListSigningKeysAsync(CancellationToken cancellationToken) => Pages.AllAsync(
        token => _hub.CallAsync(_service.ListSigningKeysAsync, new ListSigningKeysRequest { PageSize = 500, PageToken = token }, true, cancellationToken),
        page => page.SigningKeys,
        page => page.NextPageToken,
        cancellationToken);

    /// <summary>Has another key sign, in ten minutes or at once. Not tried again: a lost answer may have added one.</summary>
    public Task<SigningKey> RotateSigningKeyAsync(bool atOnce, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.RotateSigningKeyAsync, new RotateSigningKeyRequest { AtOnce = atOnce }, false, cancellationToken);
}
