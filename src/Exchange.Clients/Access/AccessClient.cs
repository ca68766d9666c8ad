using Exchange.Clients.Hub;
using Exchange.Protos.V1;

namespace Exchange.Clients.Access;

/// <summary>Grants and access plans.</summary>
public sealed class AccessClient
{
    private readonly HubConnection _hub;
    private readonly AccessService.AccessServiceClient _service;

    internal AccessClient(HubConnection hub)
    {
        _hub = hub;
        _service = new AccessService.AccessServiceClient(hub.Invoker);
    }

    /// <summary>Issues a grant of an owner (`departments/{department}`); the request id makes a repeated call one grant.</summary>
    public Task<Grant> CreateGrantAsync(string owner, Grant grant, Guid requestId, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.CreateGrantAsync, new CreateGrantRequest { Parent = owner, Grant = grant, RequestId = requestId.ToString() }, true, cancellationToken);

    /// <summary>Revokes a grant, by its name `departments/{department}/grants/{grant}`.</summary>
    public Task<Grant> RevokeGrantAsync(string name, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.RevokeGrantAsync, new RevokeGrantRequest { Name = name }, true, cancellationToken);

    /// <summary>The grants a department gave.</summary>
    public IAsyncEnumerable<Grant> ListGrantsAsync(string owner, CancellationToken cancellationToken) => Pages.AllAsync(
        token => _hub.CallAsync(_service.ListGrantsAsync, new ListGrantsRequest { Parent = owner, PageSize = 500, PageToken = token }, true, cancellationToken),
        page => page.Grants,
        page => page.NextPageToken,
        cancellationToken);

    /// <summary>What the caller may read of a resource (`resources/{resource}`) for a purpose, and why.</summary>
    public Task<AccessPlan> GetAccessPlanAsync(string resource, Purpose purpose, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.GetAccessPlanAsync, new GetAccessPlanRequest { Resource = resource, Purpose = purpose }, true, cancellationToken);
}
