using System.Globalization;
using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Protos.V1;
using Exchange.Server.Governance;
using Exchange.Server.Grpc;
using Exchange.Server.Identity.Users;
using Grpc.Core;
using ClientAuthentication = Exchange.Protos.V1.ClientAuthentication;
using RegisteredKey = Exchange.Protos.V1.RegisteredKey;
using Role = Exchange.Catalog.Role;
using User = Exchange.Catalog.User;

namespace Exchange.Server.Identity.Registry;

/// <summary>Keeps the machines and the people that act for departments, and the hub's own signing keys.</summary>
internal sealed class IdentityService(GovernanceCommands commands, GovernanceStore store, SigningKeyRotation rotation, UserSessions sessions, TimeProvider time)
    : Protos.V1.IdentityService.IdentityServiceBase
{
    /// <inheritdoc/>
    public override async Task<CreateClientResponse> CreateClient(CreateClientRequest request, ServerCallContext context)
    {
        GovernanceRoles.RequireOperator(context.Caller).OrThrow();
        var department = ResourceNames.Department("parent", request.Parent).OrThrow();
        var id = new ClientId(request.ClientId);
        var client = request.Client ?? new Client();
        var (secret, secretHash) = client.Authentication is ClientAuthentication.ClientSecret ? ClientSecrets.Create() : ("", "");
        var registration = client.ToDomain(department, id, secretHash);
        var registered = await commands.ExecuteAsync(
            context.Caller, GovernanceStreams.Client(id), (state, now) => ClientRules.Register(state, registration, client.Jwks, client.Certificates, now), context.CancellationToken);
        return new CreateClientResponse { Client = registered.OrThrow().ToProto(), ClientSecret = secret };
    }

    /// <inheritdoc/>
    public override async Task<ListClientsResponse> ListClients(ListClientsRequest request, ServerCallContext context)
    {
        var department = ResourceNames.Department("parent", request.Parent).OrThrow();
        GovernanceRoles.RequireMember(context.Caller, department).OrThrow();
        var state = (await store.ConfirmAsync(context.CancellationToken)).OrThrow();
        Lookup.Department(state, department).OrThrow();
        var clients = state.Clients.Where(client => client.Value.Department == department);
        var (page, next) = Paging.Cut(clients, request.PageSize, request.PageToken).OrThrow();
        return new ListClientsResponse { Clients = { page.Select(client => client.ToProto()) }, NextPageToken = next };
    }

    /// <inheritdoc/>
    public override async Task<Client> DisableClient(DisableClientRequest request, ServerCallContext context)
    {
        GovernanceRoles.RequireOperator(context.Caller).OrThrow();
        var (department, id) = ResourceNames.Client("name", request.Name).OrThrow();
        var disabled = await commands.ExecuteAsync(
            context.Caller, GovernanceStreams.Client(id), (state, now) => ClientRules.Disable(state, department, id, now), context.CancellationToken);
        return disabled.OrThrow().ToProto();
    }

    /// <inheritdoc/>
    public override async Task<RegisteredKey> AddClientKey(AddClientKeyRequest request, ServerCallContext context)
    {
        GovernanceRoles.RequireOperator(context.Caller).OrThrow();
        var (department, id) = ResourceNames.Client("parent", request.Parent).OrThrow();
        var key = request.Key ?? new RegisteredKey();
        var expireTime = Timestamps.Read(key.ExpireTime);
        if (key.ExpireTime is not null && expireTime is null)
        {
            throw Refusal.Invalid("key.expire_time", "OUT_OF_RANGE", "must be a time of the years 1 to 9999").ToException();
        }

        var added = await commands.ExecuteAsync(
            context.Caller,
            GovernanceStreams.Client(id),
            (state, now) => ClientKeyRules.Add(state, department, id, key.Jwk, key.Certificate, expireTime, now),
            context.CancellationToken);
        return added.OrThrow().ToProto(store.Current.Clients[id.Value]);
    }

    /// <inheritdoc/>
    public override async Task<Client> RemoveClientKey(RemoveClientKeyRequest request, ServerCallContext context)
    {
        GovernanceRoles.RequireOperator(context.Caller).OrThrow();
        var (department, id, key) = ResourceNames.RegisteredKey("name", request.Name).OrThrow();
        var client = await commands.ExecuteAsync(
            context.Caller, GovernanceStreams.Client(id), (state, now) => ClientKeyRules.Remove(state, department, id, key, now), context.CancellationToken);
        return client.OrThrow().ToProto();
    }

    /// <inheritdoc/>
    public override async Task<Protos.V1.SigningKey> RotateSigningKey(RotateSigningKeyRequest request, ServerCallContext context)
    {
        GovernanceRoles.RequireOperator(context.Caller).OrThrow();
        var added = (await rotation.RotateAsync(context.Caller, request.AtOnce, context.CancellationToken)).OrThrow();
        return added.ToProto(store.Current.SigningKeys, time.GetUtcNow());
    }

    /// <inheritdoc/>
    public override async Task<ListSigningKeysResponse> ListSigningKeys(ListSigningKeysRequest request, ServerCallContext context)
    {
        context.CallerIn(Role.Operator, Role.Auditor).OrThrow();
        var ring = (await store.ConfirmAsync(context.CancellationToken)).OrThrow().SigningKeys;
        var keys = ring.Keys.Select((key, index) => KeyValuePair.Create($"{index:d9}", key));
        var (page, next) = Paging.Cut(keys, request.PageSize, request.PageToken).OrThrow();
        return new ListSigningKeysResponse { SigningKeys = { page.Select(key => key.ToProto(ring, time.GetUtcNow())) }, NextPageToken = next };
    }

    /// <inheritdoc/>
    public override async Task<CreateUserResponse> CreateUser(CreateUserRequest request, ServerCallContext context)
    {
        GovernanceRoles.RequireOperator(context.Caller).OrThrow();
        var department = ResourceNames.Department("parent", request.Parent).OrThrow();
        var given = request.User ?? new Protos.V1.User();
        var (code, codeHash) = EnrolmentCode.Create();
        var user = new User
        {
            Id = new UserId(request.UserId),
            Department = department,
            DisplayName = given.DisplayName,
            Role = (Role)given.Role,
            EnrolmentCodeHash = codeHash,
        };
        var created = await commands.ExecuteAsync(
            context.Caller, GovernanceStreams.User(user.Id), (state, now) => UserRules.Create(state, user, now), context.CancellationToken);
        return new CreateUserResponse { User = created.OrThrow().ToProto(), EnrolmentCode = code };
    }

    /// <inheritdoc/>
    public override async Task<ListUsersResponse> ListUsers(ListUsersRequest request, ServerCallContext context)
    {
        context.CallerIn(Role.Operator, Role.Auditor).OrThrow();
        var department = ResourceNames.Department("parent", request.Parent).OrThrow();
        var state = (await store.ConfirmAsync(context.CancellationToken)).OrThrow();
        Lookup.Department(state, department).OrThrow();
        var users = state.Users.Where(user => user.Value.Department == department);
        var (page, next) = Paging.Cut(users, request.PageSize, request.PageToken).OrThrow();
        return new ListUsersResponse { Users = { page.Select(user => user.ToProto()) }, NextPageToken = next };
    }

    /// <inheritdoc/>
    public override async Task<Protos.V1.User> DisableUser(DisableUserRequest request, ServerCallContext context)
    {
        GovernanceRoles.RequireOperator(context.Caller).OrThrow();
        var (department, id) = ResourceNames.User("name", request.Name).OrThrow();
        var disabled = await commands.ExecuteAsync(
            context.Caller, GovernanceStreams.User(id), (state, now) => UserRules.Disable(state, department, id, now), context.CancellationToken);
        var user = disabled.OrThrow();
        await sessions.EndAsync(id, null, context.CancellationToken);
        return user.ToProto();
    }

    /// <inheritdoc/>
    public override async Task<ResetUserEnrolmentResponse> ResetUserEnrolment(ResetUserEnrolmentRequest request, ServerCallContext context)
    {
        GovernanceRoles.RequireOperator(context.Caller).OrThrow();
        var (department, id) = ResourceNames.User("name", request.Name).OrThrow();
        var (code, codeHash) = EnrolmentCode.Create();
        var reset = await commands.ExecuteAsync(
            context.Caller, GovernanceStreams.User(id), (state, now) => UserRules.ResetEnrolment(state, department, id, codeHash, now), context.CancellationToken);
        var user = reset.OrThrow();
        await sessions.EndAsync(id, null, context.CancellationToken);
        return new ResetUserEnrolmentResponse { User = user.ToProto(), EnrolmentCode = code };
    }

    /// <inheritdoc/>
    public override async Task<ListUserSessionsResponse> ListUserSessions(ListUserSessionsRequest request, ServerCallContext context)
    {
        var (department, id) = ResourceNames.User("parent", request.Parent).OrThrow();
        var user = await FindOwnAsync(context, department, id);
        var all = (await sessions.ListAsync(id, context.CancellationToken))
            .Select(session => KeyValuePair.Create(string.Create(CultureInfo.InvariantCulture, $"{session.CreateTime.UtcTicks:D20} {session.Id}"), session))
            .OrderBy(session => session.Key, StringComparer.Ordinal);
        var (page, next) = Paging.Cut(all, request.PageSize, request.PageToken).OrThrow();
        return new ListUserSessionsResponse { UserSessions = { page.Select(session => session.ToProto(user)) }, NextPageToken = next };
    }

    /// <inheritdoc/>
    public override async Task<EndUserSessionsResponse> EndUserSessions(EndUserSessionsRequest request, ServerCallContext context)
    {
        var (department, id, session) = ResourceNames.UserSessions("name", request.Name).OrThrow();
        await FindOwnAsync(context, department, id);
        return new EndUserSessionsResponse { EndedCount = await sessions.EndAsync(id, session, context.CancellationToken) };
    }

    // The user itself or an operator, before it is said whether there is such a user.
    private async Task<User> FindOwnAsync(ServerCallContext context, DepartmentId department, UserId id)
    {
        if (context.Caller.Client != id.Client || context.Caller.Department != department)
        {
            GovernanceRoles.RequireOperator(context.Caller).OrThrow();
        }

        var state = (await store.ConfirmAsync(context.CancellationToken)).OrThrow();
        return UserRules.Find(state, department, id).OrThrow();
    }
}
