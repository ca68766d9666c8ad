using System.Collections.Immutable;
using Exchange.Catalog.Governance;
using Exchange.Catalog.Policies;
using Exchange.Policy.Language;

namespace Exchange.Catalog.Access;

/// <summary>The one decision point: turns policies and catalog facts into the access plan of one caller.</summary>
public static class AccessPlanCompiler
{
    /// <summary>
    /// Compiles the plan of the base rows and the rows that were set. The plan of a caller that may read nothing is a plan that
    /// denies every field, with the reasons; refused are only an unknown resource and a read without a purpose.
    /// A plan for writing or proposing says of a record as it stands whether the caller may push its fields.
    /// </summary>
    /// <param name="state">Governance as it stands.</param>
    /// <param name="caller">Who reads, and from where.</param>
    /// <param name="resourceId">What is read.</param>
    /// <param name="action">How it is read.</param>
    /// <param name="purpose">Why it is read.</param>
    /// <param name="revision">The state's position: the policy revision.</param>
    /// <param name="now">When it is read.</param>
    public static Result<AccessPlan> Compile(
        GovernanceState state, Caller caller, ResourceId resourceId, PlanAction action, Purpose purpose, long revision, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(caller);
        if (!ResourceLookup.Mounted(state, resourceId).TryGetValue(out var resource, out var refusal))
        {
            return refusal;
        }

        if (!Enum.IsDefined(purpose) || (purpose is Purpose.Unspecified && !action.IsPush()))
        {
            return new Refusal(RefusalReason.PurposeRequired, "say with `purpose` why you read");
        }

        var context = new ContextAttributes(purpose, now, caller.Network);
        var (fields, grantsEnd) = CallerAttributes.Of(state, caller.Department, caller.Role) is { } attributes
            ? Compile(state, attributes, resource, action, purpose, context, now)
            : ([.. resource.Fields.Select(field => new FieldPlan(field, [Stranger(caller)], NextSteps.ForRole))], null);
        return new AccessPlan(resource, fields)
        {
            Caller = caller.Department,
            Action = action,
            Purpose = purpose,
            Revision = revision,
            ExpireTime = grantsEnd is null || context.ExpireTime < grantsEnd ? context.ExpireTime : grantsEnd,
            DependsOnNetwork = context.HasReadNetwork,
            IsFromNowhere = context.HasReadNetwork && context.IsFromNowhere,
        };
    }

    private static (ImmutableArray<FieldPlan> Fields, DateTimeOffset? ExpireTime) Compile(
        GovernanceState state, CallerAttributes caller, ResourceDefinition resource, PlanAction action, Purpose purpose, ContextAttributes context, DateTimeOffset now)
    {
        ILookup<GrantState, Grant> grants = (action.IsPush() ? [] : state.GrantsTo(caller.Department, resource.Id).Where(grant => grant.Purposes.Contains(purpose)))
            .ToLookup(grant => grant.StateAt(now));
        var compiler = new FieldPlanCompiler(state, caller, resource, action.ToPolicyAction(), purpose, context, [.. grants[GrantState.Active]]);
        ImmutableArray<FieldPlan> fields = [.. resource.Fields.Select(compiler.Compile)];
        var nextStart = grants[GrantState.Pending].Min(grant => grant.StartTime);
        return (fields, nextStart is null || compiler.ExpireTime < nextStart ? compiler.ExpireTime : nextStart);
    }

    // A department that the hub does not know has no place in its policy.
    private static PlanRule Stranger(Caller caller) => caller.Role is Role.DepartmentSystem
        ? new(Condition.Always, RuleEffect.Deny, default, [BaseRules.DefaultDeny], PlanReason.DefaultDeny)
        : new(Condition.Always, RuleEffect.Deny, default, [BaseRules.DepartmentSystemsOnly], PlanReason.Role);
}
