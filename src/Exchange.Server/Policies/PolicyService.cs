using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Catalog.Policies;
using Exchange.Protos.V1;
using Exchange.Server.Governance;
using Exchange.Server.Governance.Changes;
using Exchange.Server.Grpc;
using Exchange.Server.Identity;
using Grpc.Core;
using PolicyRow = Exchange.Protos.V1.PolicyRow;
using Role = Exchange.Catalog.Role;

namespace Exchange.Server.Policies;

/// <summary>Keeps policy rows, and explains, tries out and checks them.</summary>
internal sealed class PolicyService(
    GovernanceCommands commands, GovernanceStore store, PolicyHistory history, PolicyExplainer explainer, LastReads reads, TimeProvider time) : Protos.V1.PolicyService.PolicyServiceBase
{
    private const int MostChangesShown = 500;
    private const int MostFindingsShown = 500;

    /// <inheritdoc/>
    public override async Task<PolicyRow> SetPolicyRow(SetPolicyRowRequest request, ServerCallContext context)
    {
        var row = (request.PolicyRow ?? new PolicyRow()).ToDomain();
        GovernanceRoles.RequirePolicyAuthor(context.Caller, row.Department).OrThrow();
        return await ExecuteAsync(context, row.Id, (state, now) => PolicyRowRules.Set(state, row, now));
    }

    /// <inheritdoc/>
    public override async Task<PolicyRow> RemovePolicyRow(RemovePolicyRowRequest request, ServerCallContext context)
    {
        var caller = context.CallerIn(Role.Steward, Role.Operator).OrThrow();
        var id = PolicyRowMap.IdIn("name", request.Name).OrThrow();
        return await ExecuteAsync(
            context, id, (state, now) => PolicyRowRules.Remove(state, caller.Role is Role.Operator ? null : caller.Department, id, request.Reason, now));
    }

    private async Task<PolicyRow> ExecuteAsync(ServerCallContext context, PolicyRowId id, GovernanceCommand<Exchange.Catalog.PolicyRow> command)
    {
        var (row, pending) = (await commands.ExecuteOrHoldAsync(context.Caller, [GovernanceStreams.PolicyRow(id)], command, context.CancellationToken)).OrThrow();
        var message = row.ToProto();
        message.PendingChange = PendingChangeMap.NameOf(pending);
        return message;
    }

    /// <inheritdoc/>
    public override async Task<ListPolicyRowsResponse> ListPolicyRows(ListPolicyRowsRequest request, ServerCallContext context)
    {
        context.CallerIn(Role.Steward, Role.Auditor, Role.Operator).OrThrow();
        var state = (await store.ConfirmAsync(context.CancellationToken)).OrThrow();
        var rows = HubModel.BaseRows.Concat(state.PolicyRows.Values).OrderBy(row => row.Id.Value, StringComparer.Ordinal).Select(row => KeyValuePair.Create(row.Id.Value, row.ToProto()));
        var (page, next) = Paging.Cut(rows, request.PageSize, request.PageToken, row => row.CalculateSize()).OrThrow();
        return new ListPolicyRowsResponse { Rows = { page }, NextPageToken = next };
    }

    /// <inheritdoc/>
    public override async Task<ListPolicyChangesResponse> ListPolicyChanges(ListPolicyChangesRequest request, ServerCallContext context)
    {
        context.CallerIn(Role.Steward, Role.Auditor, Role.Operator).OrThrow();
        PolicyRowId? row = request.PolicyRow.Length is 0 ? null : PolicyRowMap.IdIn("policy_row", request.PolicyRow).OrThrow();
        var (changes, next) = (await history.ReadAsync(row, request.PageSize, request.PageToken, context.CancellationToken)).OrThrow();
        return new ListPolicyChangesResponse { Changes = { changes }, NextPageToken = next };
    }

    /// <inheritdoc/>
    public override Task<ExplainResponse> Explain(ExplainRequest request, ServerCallContext context) => explainer.ExplainAsync(request, context);

    /// <inheritdoc/>
    public override async Task<SimulateResponse> Simulate(SimulateRequest request, ServerCallContext context)
    {
        var caller = context.CallerIn(Role.Steward, Role.Operator).OrThrow();
        var (change, scope) = SimulationMap.Parse(request).OrThrow();
        var state = (await store.ConfirmAsync(context.CancellationToken)).OrThrow();
        var now = time.GetUtcNow();
        var simulation = PolicySimulation.Prepare(state, change, scope, now).OrThrow();
        var response = new SimulateResponse { Revision = state.Position, PlanCount = simulation.PlanCount };
        var bytes = 0;
        foreach (var changed in simulation.Compare(context.CancellationToken))
        {
            if (response.ChangeCount++ < MostChangesShown && bytes < Paging.LargestBytes && changed.ToProto() is var message && (bytes += message.CalculateSize()) < Paging.LargestBytes)
            {
                response.Changes.Add(message);
            }
        }

        await reads.AddAsync(simulation, caller, state, now, response, context.CancellationToken);
        response.UnjudgedRows.AddRange(simulation.UnjudgedRows.Select(id => PolicyRowMap.NameOf(new PolicyRowId(id))));
        return response;
    }

    /// <inheritdoc/>
    public override async Task<LintResponse> Lint(LintRequest request, ServerCallContext context)
    {
        context.CallerIn(Role.Steward, Role.Operator).OrThrow();
        var state = (await store.ConfirmAsync(context.CancellationToken)).OrThrow();
        var report = PolicyLint.Check(state, time.GetUtcNow(), context.CancellationToken);
        return new LintResponse
        {
            Revision = state.Position,
            Findings = { report.Findings.Take(MostFindingsShown).Select(finding => finding.ToProto()) },
            FindingCount = report.Findings.Length,
            UntriedRowCount = report.UntriedRows,
        };
    }
}
