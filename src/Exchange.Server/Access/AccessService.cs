using Exchange.Catalog;
using Exchange.Catalog.Access;
using Exchange.Catalog.Governance;
using Exchange.Protos.V1;
using Exchange.Server.Audit;
using Exchange.Server.Governance;
using Exchange.Server.Grpc;
using Exchange.Server.Identity;
using Grpc.Core;
using AccessPlan = Exchange.Protos.V1.AccessPlan;
using Grant = Exchange.Protos.V1.Grant;
using Purpose = Exchange.Catalog.Purpose;

namespace Exchange.Server.Access;

/// <summary>Issues, revokes and lists grants; shows a caller its access plan.</summary>
internal sealed class AccessService(GovernanceCommands commands, GovernanceStore store, ReadPlans plans, IReadAudit audit, RefusedReads refused)
    : Protos.V1.AccessService.AccessServiceBase
{
    /// <inheritdoc/>
    public override async Task<Grant> CreateGrant(CreateGrantRequest request, ServerCallContext context)
    {
        var owner = ResourceNames.Department("parent", request.Parent).OrThrow();
        GovernanceRoles.RequireKeeper(context.Caller, owner).OrThrow();
        var id = IdOf(context.Caller, owner, request.RequestId).OrThrow();
        var grant = (request.Grant ?? new Grant()).ToDomain(owner, id);
        var issued = await commands.ExecuteAsync(
            context.Caller, GovernanceStreams.Grant(id), (state, now) => GrantRules.Issue(state, grant, now), context.CancellationToken);
        return issued.OrThrow().ToProto();
    }

    /// <inheritdoc/>
    public override async Task<Grant> RevokeGrant(RevokeGrantRequest request, ServerCallContext context)
    {
        var (owner, id) = ResourceNames.Grant("name", request.Name).OrThrow();
        GovernanceRoles.RequireKeeper(context.Caller, owner).OrThrow();
        var revoked = await commands.ExecuteAsync(
            context.Caller, GovernanceStreams.Grant(id), (state, now) => GrantRules.Revoke(state, owner, id, now), context.CancellationToken);
        return revoked.OrThrow().ToProto();
    }

    /// <inheritdoc/>
    public override async Task<ListGrantsResponse> ListGrants(ListGrantsRequest request, ServerCallContext context)
    {
        var owner = ResourceNames.Department("parent", request.Parent).OrThrow();
        GovernanceRoles.RequireMember(context.Caller, owner).OrThrow();
        var state = (await store.ConfirmAsync(context.CancellationToken)).OrThrow();
        Lookup.Department(state, owner).OrThrow();
        var grants = state.Grants.Where(grant => grant.Value.Owner == owner);
        var (page, next) = Paging.Cut(grants, request.PageSize, request.PageToken).OrThrow();
        return new ListGrantsResponse { Grants = { page.Select(grant => grant.ToProto()) }, NextPageToken = next };
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
