using System.Collections.Immutable;
using Exchange.Catalog.Governance;
using Exchange.Policy.Decisions;

namespace Exchange.Catalog.Access;

/// <summary>The one decision point: turns policies and catalog facts into the access plan of one caller.</summary>
public static class AccessPlanCompiler
{
    /// <summary>
    /// Compiles the plan of the base rules. The plan of a caller that may read nothing is a plan that denies every field, with
    /// the reasons; refused are only an unknown resource and a read without a purpose.
    /// </summary>
    public static Result<AccessPlan> Compile(
        GovernanceState state, Caller caller, ResourceId resourceId, PlanAction action, Purpose purpose, long revision, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(caller);
        if (!state.Resources.TryGetValue(resourceId.Value, out var resource))
        {
            return new Refusal(RefusalReason.ResourceNotFound, $"there is no resource `{resourceId}`")
            {
                Metadata = new Dictionary<string, string> { ["resource"] = resourceId.ToString() },
            };
        }

        if (!Enum.IsDefined(purpose) || purpose is Purpose.Unspecified)
        {
            return new Refusal(RefusalReason.PurposeRequired, "say with `purpose` why you read");
        }

        var grants = state.ActiveGrants(caller.Department, resourceId, now).Where(grant => grant.Purposes.Contains(purpose)).ToImmutableArray();
        var compiler = new FieldPlanCompiler(state, caller.Department, resource, purpose, grants);
        var fields = Closed(state, caller) is { } denied
            ? resource.Fields.Select(field => new FieldPlan(field, [denied], NextSteps.ForRole))
            : resource.Fields.Select(compiler.Compile);
        return new AccessPlan(resource, [.. fields])
        {
            Caller = caller.Department,
            Action = action,
            Purpose = purpose,
            Revision = revision,
            ExpireTime = compiler.ExpireTime,
        };
    }

    private static PlanRule? Closed(GovernanceState state, Caller caller)
    {
        if (caller.Role is not Role.DepartmentSystem)
        {
            return new(Condition.Always, Effect.Deny, default, [BaseRules.DepartmentSystemsOnly], PlanReason.Role);
        }

        return state.Departments.ContainsKey(caller.Department.Value)
            ? null
            : new(Condition.Always, Effect.Deny, default, [BaseRules.DefaultDeny], PlanReason.DefaultDeny);
    }
}
