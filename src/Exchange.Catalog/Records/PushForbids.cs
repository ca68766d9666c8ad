using System.Collections.Immutable;
using Exchange.Catalog.Access;
using Exchange.Catalog.Governance;
using Exchange.Catalog.Policies;

namespace Exchange.Catalog.Records;

/// <summary>
/// What policy rows forbid of one push, by the plans for writing and proposing. A row counts when the record matches as it stands or as the
/// push makes it, for a proposal also as if it were accepted. Nothing is allocated for a record of which nothing is proposed or forbidden.
/// </summary>
internal sealed class PushForbids
{
    private readonly HubPolicy _policy;
    private readonly AccessPlan? _writing;
    private readonly AccessPlan? _proposing;

    private PushForbids(HubPolicy policy, AccessPlan? writing, AccessPlan? proposing)
    {
        (_policy, _writing, _proposing) = (policy, writing, proposing);
        foreach (var plan in (ReadOnlySpan<AccessPlan?>)[writing, proposing])
        {
            ConditionNumbers = ConditionNumbers.Union(plan?.ConditionNumbers ?? []);
            ExpireTime = plan?.ExpireTime is { } end && (ExpireTime is null || end < ExpireTime) ? end : ExpireTime;
        }
    }

    /// <summary>Numbers of the fields and system attributes it looks at.</summary>
    public ImmutableSortedSet<int> ConditionNumbers { get; } = [];

    /// <summary>When it may change by itself; null when it does not.</summary>
    public DateTimeOffset? ExpireTime { get; }

    /// <summary>The rows it is made of, by id: those set about the resource for writing or proposing.</summary>
    public static IEnumerable<PolicyRow> RowsOn(GovernanceState state, ResourceDefinition resource) =>
        state.PolicyRowsOn(resource).Where(row => Names(row, PolicyAction.Write) || Names(row, PolicyAction.Propose));

    /// <summary>What the caller's pushes hang on; null when no row that was set can reach them.</summary>
    public static PushForbids? Of(GovernanceState state, Caller caller, ResourceDefinition resource, PushedHeader header, DateTimeOffset now)
    {
        List<PolicyRow> rows = [.. RowsOn(state, resource)];
        var writing = rows.Exists(row => Names(row, PolicyAction.Write)) ? Compile(PlanAction.Write) : null;
        var proposing = header.UnownedFields is UnownedFields.Propose && rows.Exists(row => Names(row, PolicyAction.Propose)) ? Compile(PlanAction.Propose) : null;
        return writing is null && proposing is null ? null : new(state.Policy, writing, proposing);

        // A plan without a forbid is kept only for the time at which it may get one.
        AccessPlan? Compile(PlanAction action) =>
            AccessPlanCompiler.Compile(state, caller, resource.Id, action, header.Purpose, state.Position, now).Value is var plan
            && (plan.ExpireTime is not null || plan.Fields.Any(field => field.Rules.Any(IsForbid))) ? plan : null;
    }

    /// <summary>The decision instead of one that policy rows forbid; null when they forbid nothing of it.</summary>
    public RecordDecision? Refuse(RecordState? before, in RecordDecision decision)
    {
        if (decision.NewState is not { } after)
        {
            return null;
        }

        List<FieldError>? errors = null;
        if (_writing is { } writing)
        {
            foreach (var field in decision.ChangedFields)
            {
                Add(ref errors, writing.Fields[field], before, after, []);
            }

            // Opening a record is a write, also without a value: forbidden where every field is.
            if (before is null && decision.ChangedFields.IsEmpty && Opening(writing, after) is { } forbidden)
            {
                errors = [ErrorOf("", forbidden, "open this record")];
            }
        }

        if (_proposing is { } proposing && !decision.Proposals.IsEmpty)
        {
            var accepted = after.CopyValues();
            foreach (var proposal in decision.Proposals)
            {
                accepted[proposal.FieldIndex] = proposal.Value;
            }

            foreach (var proposal in decision.Proposals)
            {
                Add(ref errors, proposing.Fields[proposal.FieldIndex], before, after, accepted);
            }
        }

        return errors is null ? null : RecordDecision.Rejected([.. errors]);
    }

    private static bool Names(PolicyRow row, PolicyAction action) => row.Actions.Contains(action);

    private static bool IsForbid(PlanRule rule) => rule.Reason is PlanReason.Forbidden or PlanReason.RuleFailed;

    private void Add(ref List<FieldError>? errors, FieldPlan plan, RecordState? before, RecordState after, ReadOnlySpan<FieldValue> accepted)
    {
        var resource = (_writing ?? _proposing)!.Resource;
        var rule = before is null ? null : ForbidOf(plan, new StateRow(resource, before, before.Values));
        rule ??= ForbidOf(plan, new StateRow(resource, after, after.Values));
        if ((accepted.IsEmpty ? rule : rule ?? ForbidOf(plan, new StateRow(resource, after, accepted))) is { } forbidden)
        {
            (errors ??= []).Add(ErrorOf(plan.Field.Name, forbidden, "push this field"));
        }
    }

    private static PlanRule? Opening(AccessPlan writing, RecordState after)
    {
        PlanRule? forbidden = null;
        foreach (var plan in writing.Fields)
        {
            forbidden = ForbidOf(plan, new StateRow(writing.Resource, after, after.Values));
            if (forbidden is null)
            {
                return null;
            }
        }

        return forbidden;
    }

    private static PlanRule? ForbidOf(FieldPlan plan, in StateRow row)
    {
        foreach (var rule in plan.Rules)
        {
            if (ConditionEvaluator.Holds(rule.Condition, row))
            {
                return IsForbid(rule) ? rule : null;
            }
        }

        return null;
    }

    private FieldError ErrorOf(string field, PlanRule rule, string what) => new(
        field,
        FieldError.ForbiddenByPolicy,
        $"policy row `{rule.RuleIds[0]}` {(rule.Reason is PlanReason.RuleFailed ? "could not be evaluated, which forbids" : "forbids")} to {what}: ask {NextSteps.Setter(_policy.Find(rule.RuleIds[0]))}");
}
