using Exchange.Clients.Hub;
using Exchange.Protos.V1;

namespace Exchange.Clients.Policies;

/// <summary>Policy rows: kept, explained, tried out and checked.</summary>
public sealed class PolicyClient
{
    private readonly HubConnection _hub;
    private readonly PolicyService.PolicyServiceClient _service;

    internal PolicyClient(HubConnection hub)
    {
        _hub = hub;
        _service = new PolicyService.PolicyServiceClient(hub.Invoker);
    }

    /// <summary>Creates a row, or replaces the one of its name (`policyRows/{policy_row}`). The same row again changes nothing.</summary>
    public Task<PolicyRow> SetAsync(PolicyRow row, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.SetPolicyRowAsync, new SetPolicyRowRequest { PolicyRow = row }, true, cancellationToken);

    /// <summary>Removes a row, by its name, for a reason. Not repeated by itself: after the first call there is no such row.</summary>
    public Task<PolicyRow> RemoveAsync(string name, string reason, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.RemovePolicyRowAsync, new RemovePolicyRowRequest { Name = name, Reason = reason }, false, cancellationToken);

    /// <summary>The rows that stand, the hub's own too.</summary>
    public IAsyncEnumerable<PolicyRow> ListAsync(CancellationToken cancellationToken) => Pages.AllAsync(
        token => _hub.CallAsync(_service.ListPolicyRowsAsync, new ListPolicyRowsRequest { PageSize = 500, PageToken = token }, true, cancellationToken),
        page => page.Rows,
        page => page.NextPageToken,
        cancellationToken);

    /// <summary>How one row, by its name, or with an empty name all rows were set and removed, oldest first.</summary>
    public IAsyncEnumerable<PolicyChange> ListChangesAsync(string name, CancellationToken cancellationToken) => Pages.AllAsync(
        token => _hub.CallAsync(
            _service.ListPolicyChangesAsync, new ListPolicyChangesRequest { PolicyRow = name, PageSize = 500, PageToken = token }, true, cancellationToken),
        page => page.Changes,
        page => page.NextPageToken,
        cancellationToken);

    /// <summary>What a department's machines may read of a resource, or of one record, for a purpose, and why.</summary>
    public Task<ExplainResponse> ExplainAsync(ExplainRequest request, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.ExplainAsync, request, true, cancellationToken);

    /// <summary>Which answers a proposed change would change.</summary>
    public Task<SimulateResponse> SimulateAsync(SimulateRequest request, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.SimulateAsync, request, true, cancellationToken);

    /// <summary>What is probably a mistake in the policies of now.</summary>
    public Task<LintResponse> LintAsync(CancellationToken cancellationToken) => _hub.CallAsync(_service.LintAsync, new LintRequest(), true, cancellationToken);
}
