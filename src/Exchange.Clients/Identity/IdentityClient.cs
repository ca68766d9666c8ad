using Exchange.Clients.Hub;
using Exchange.Protos.V1;

namespace Exchange.Clients.Identity;

/// <summary>Clients and users of departments, and the hub's signing keys.</summary>
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

    /// <summary>Creates a user of a department, with a one-time enrolment code. Not tried again: a lost answer may have created it.</summary>
    public Task<CreateUserResponse> CreateUserAsync(string department, string userId, User user, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.CreateUserAsync, new CreateUserRequest { Parent = department, UserId = userId, User = user }, false, cancellationToken);

    /// <summary>A department's users.</summary>
    public IAsyncEnumerable<User> ListUsersAsync(string department, CancellationToken cancellationToken) => Pages.AllAsync(
        token => _hub.CallAsync(_service.ListUsersAsync, new ListUsersRequest { Parent = department, PageSize = 500, PageToken = token }, true, cancellationToken),
        page => page.Users,
        page => page.NextPageToken,
        cancellationToken);

    /// <summary>Disables a user for good, by its name `departments/{department}/users/{user}`.</summary>
    public Task<User> DisableUserAsync(string name, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.DisableUserAsync, new DisableUserRequest { Name = name }, true, cancellationToken);

    /// <summary>Gives a user a new enrolment code, and throws away its password and second factor. Only the last code is good.</summary>
    public Task<ResetUserEnrolmentResponse> ResetUserEnrolmentAsync(string name, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.ResetUserEnrolmentAsync, new ResetUserEnrolmentRequest { Name = name }, true, cancellationToken);

    /// <summary>A user's sessions, the newest last.</summary>
    public IAsyncEnumerable<Protos.V1.UserSession> ListUserSessionsAsync(string user, CancellationToken cancellationToken) => Pages.AllAsync(
        token => _hub.CallAsync(_service.ListUserSessionsAsync, new ListUserSessionsRequest { Parent = user, PageSize = 500, PageToken = token }, true, cancellationToken),
        page => page.UserSessions,
        page => page.NextPageToken,
        cancellationToken);

    /// <summary>Ends a user's sessions, or the one of this name; returns how many.</summary>
    public async Task<int> EndUserSessionsAsync(string name, CancellationToken cancellationToken) =>
        (await _hub.CallAsync(_service.EndUserSessionsAsync, new EndUserSessionsRequest { Name = name }, true, cancellationToken)).EndedCount;
}
