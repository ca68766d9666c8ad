using Exchange.Catalog;
using Exchange.Catalog.Access;
using Exchange.Catalog.Governance;
using Exchange.Protos.V1;
using Exchange.Server.Access.Grants;
using Exchange.Server.Audit;
using Exchange.Server.Governance;
using Exchange.Server.Governance.Changes;
using Exchange.Server.Grpc;
using Exchange.Server.Identity;
using Grpc.Core;
using AccessPlan = Exchange.Protos.V1.AccessPlan;
using Grant = Exchange.Protos.V1.Grant;
using Purpose = Exchange.Catalog.Purpose;

namespace Exchange.Server.Access;

/// <summary>Takes grants from their offer to their end; shows a caller its access plan.</summary>
internal sealed class AccessService(GovernanceCommands commands, GovernanceStore store, ReadPlans plans, IReadAudit audit, RefusedReads refused, TimeProvider time)
    : Protos.V1.AccessService.AccessServiceBase
{
    /// <inheritdoc/>
    public override Task<Grant> CreateGrant(CreateGrantRequest request, ServerCallContext context)
    {
        var owner = ResourceNames.Department("parent", request.Parent).OrThrow();
        GovernanceRoles.RequireKeeper(context.Caller, owner).OrThrow();
        var id = IdOf(context.Caller, owner, request.RequestId).OrThrow();
        var grant = (request.Grant ?? new Grant()).ToDomain(owner, id) with { Issuer = context.Caller.Client };
        return ExecuteAsync(context, id, (state, now) => GrantRules.Issue(state, grant, now));
    }

    /// <inheritdoc/>
    public override Task<Grant> AcceptGrant(AcceptGrantRequest request, ServerCallContext context) => ExecuteAsReaderAsync(
        context, request.Name, (state, owner, id, now) => GrantSteps.Accept(state, owner, id, request.AgreementVersion, context.Caller.Client, now));

    /// <inheritdoc/>
    public override Task<Grant> DeclineGrant(DeclineGrantRequest request, ServerCallContext context) => ExecuteAsReaderAsync(
        context, request.Name, (state, owner, id, now) => GrantSteps.Decline(state, owner, id, request.Reason, now));

    /// <inheritdoc/>
    public override Task<Grant> RevokeGrant(RevokeGrantRequest request, ServerCallContext context) => ExecuteAsOwnerAsync(
        context, request.Name, (state, owner, id, now) => GrantRules.Revoke(state, owner, id, request.Reason, now));

    /// <inheritdoc/>
    public override Task<Grant> RequestGrantRenewal(RequestGrantRenewalRequest request, ServerCallContext context) =>
        ExecuteAsReaderAsync(context, request.Name, GrantSteps.RequestRenewal);

    /// <inheritdoc/>
    public override Task<Grant> ReviewGrantRenewal(ReviewGrantRenewalRequest request, ServerCallContext context)
    {
        var isApproval = ReviewVerdicts.IsApproval(request.Verdict).OrThrow();
        return ExecuteAsOwnerAsync(context, request.Name, (state, owner, id, now) => GrantSteps.ReviewRenewal(state, owner, id, isApproval, request.Reason, now));
    }

    /// <inheritdoc/>
    public override async Task<ListGrantsResponse> ListGrants(ListGrantsRequest request, ServerCallContext context)
    {
        var department = ResourceNames.Department("parent", request.Parent).OrThrow();
        GovernanceRoles.RequireMember(context.Caller, department).OrThrow();
        var state = (await store.ConfirmAsync(context.CancellationToken)).OrThrow();
        Lookup.Department(state, department).OrThrow();
        var now = time.GetUtcNow();
        var grants = state.Grants.Where(grant => (request.Received ? grant.Value.Reader : grant.Value.Owner) == department
            && (request.State is default(Protos.V1.GrantState) || (int)request.State == (int)grant.Value.StateAt(now)));
        var (page, next) = Paging.Cut(grants, request.PageSize, request.PageToken).OrThrow();
        return new ListGrantsResponse { Grants = { page.Select(grant => grant.ToProto(now)) }, NextPageToken = next };
    }

    /// <inheritdoc/>
    public override async Task<AccessPlan> GetAccessPlan(GetAccessPlanRequest request, ServerCallContext context)
    {
        var (caller, purpose) = (context.Caller, (Purpose)request.Purpose);
        var resource = ResourceNames.Resource("resource", request.Resource).OrThrow();
        var plan = await plans.FindAsync(caller, resource, PlanAction.Pull, purpose, context.CancellationToken);
        if (plan.IsRefused)
        {
            await refused.WriteAsync(caller, ReadActions.Plan, request.Resource, purpose, [], plan.Refusal, context.CancellationToken);
            throw plan.Refusal.ToException();
        }

        var intent = new ReadIntent
        {
            Caller = caller, Action = ReadActions.Plan, Resource = resource.Value, Purpose = purpose, GovernancePosition = plan.Value.Plan.Revision,
        };
        await using var scope = (await audit.BeginAsync(intent, context.CancellationToken)).OrThrow();
        var message = plan.Value.Plan.ToProto();
        await scope.CompleteAsync(StatusCode.OK);
        return message;
    }

    private Task<Grant> ExecuteAsOwnerAsync(
        ServerCallContext context, string name, Func<GovernanceState, DepartmentId, GrantId, DateTimeOffset, Result<GovernanceDecision<Exchange.Catalog.Grant>>> decide)
    {
        var (owner, id) = ResourceNames.Grant("name", name).OrThrow();
        GovernanceRoles.RequireKeeper(context.Caller, owner).OrThrow();
        return ExecuteAsync(context, id, (state, now) => decide(state, owner, id, now));
    }

    // To departments that are neither its owner nor its reader a grant is not there.
    private Task<Grant> ExecuteAsReaderAsync(
        ServerCallContext context, string name, Func<GovernanceState, DepartmentId, GrantId, DateTimeOffset, Result<GovernanceDecision<Exchange.Catalog.Grant>>> decide)
    {
        var (owner, id) = ResourceNames.Grant("name", name).OrThrow();
        var caller = context.Caller;
        GovernanceRoles.RequireSteward(caller, caller.Department).OrThrow();
        return ExecuteAsync(context, id, (state, now) =>
        {
            var found = GrantRules.Find(state, owner, id);
            return found.IsRefused ? found.Refusal
                : GovernanceRoles.RequireSteward(caller, found.Value.Reader) is not { } refusal ? decide(state, owner, id, now)
                : caller.Department == owner ? refusal
                : GrantRules.NotFound(owner, id);
        });
    }

    private async Task<Grant> ExecuteAsync(ServerCallContext context, GrantId id, GovernanceCommand<Exchange.Catalog.Grant> command)
    {
        var (grant, pending) = (await commands.ExecuteOrHoldAsync(context.Caller, [GovernanceStreams.Grant(id)], command, context.CancellationToken)).OrThrow();
        var message = grant.ToProto(time.GetUtcNow());
        message.PendingChange = PendingChangeMap.NameOf(pending);
        return message;
    }

    // A request id makes the grant's id, so that the same request again finds the first result without a table of requests.
    private static Result<GrantId> IdOf(Caller caller, DepartmentId owner, string requestId)
    {
        if (requestId.Length is 0)
        {
            return new GrantId(Guid.NewGuid().ToString());
        }

        return Guid.TryParseExact(requestId, "D", out var request)
            ? new GrantId(GovernanceStreams.Of($"grant requests/{caller.Client}/{owner}/{request}").ToString())
            : Refusal.Invalid("request_id", "INVALID_ID", "must be a UUID such as `00000000-0000-4000-8000-000000000000`");
    }
}
