using System.Collections.Immutable;
using Exchange.Catalog.Access;
using Exchange.Catalog.Governance;

namespace Exchange.Catalog.Records;

/// <summary>
/// What the caller of a push may read of the records that it has no part in: receipts tell it no more. By the push's purpose; by every purpose where
/// the push names none. Thread-safe.
/// </summary>
internal sealed class PushSight
{
    private readonly PlanEvaluator[] _plans;
    private readonly bool _hasPurpose;

    private PushSight(List<AccessPlan> plans, bool hasPurpose)
    {
        (_plans, _hasPurpose) = ([.. plans.Select(plan => new PlanEvaluator(plan))], hasPurpose);
        ConditionNumbers = [.. plans.SelectMany(plan => plan.ConditionNumbers)];
        foreach (var plan in plans)
        {
            ExpireTime = plan.ExpireTime is { } end && (ExpireTime is null || end < ExpireTime) ? end : ExpireTime;
        }
    }

    /// <summary>When it may change by itself; null when it does not.</summary>
    public DateTimeOffset? ExpireTime { get; }

    /// <summary>Numbers of the fields and system attributes that it hangs on.</summary>
    public ImmutableSortedSet<int> ConditionNumbers { get; }

    /// <summary>Sight of a caller of this push.</summary>
    public static PushSight Of(GovernanceState state, Caller caller, ResourceDefinition resource, Purpose purpose, DateTimeOffset now)
    {
        var purposes = purpose is Purpose.Unspecified || !Enum.IsDefined(purpose) ? Enum.GetValues<Purpose>().Where(one => one is not Purpose.Unspecified) : [purpose];
        List<AccessPlan> plans = [.. purposes.Select(one => AccessPlanCompiler.Compile(state, caller, resource.Id, PlanAction.Get, one, state.Position, now).Value)];
        plans.RemoveAll(plan => plan.IsDenied && plan.ExpireTime is null);
        return new(plans, purpose is not Purpose.Unspecified);
    }

    /// <summary>True when the caller may know that the record is there.</summary>
    public bool Sees(ResourceDefinition resource, RecordState record)
    {
        Span<short> rules = stackalloc short[resource.Fields.Length];
        var row = new StateRow(resource, record, record.Values);
        foreach (var plan in _plans)
        {
            if (CanAsk(plan) && plan.Evaluate(row, rules))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True when the caller may read the field of the record as it is, for the purpose of its push.</summary>
    public bool Shows(ResourceDefinition resource, RecordState record, int fieldIndex)
    {
        Span<short> rules = stackalloc short[resource.Fields.Length];
        return _hasPurpose && _plans is [var plan] && CanAsk(plan) && plan.Evaluate(new StateRow(resource, record, record.Values), rules)
            && rules[fieldIndex] is not PlanEvaluator.Denied and var rule && !plan.Plan.Fields[fieldIndex].Rules[rule].Mask.Hides;
    }

    // Not where a plan hangs on the record's times, which are not known here: it counts as showing nothing.
    private static bool CanAsk(PlanEvaluator plan) => !plan.Plan.ConditionNumbers.Overlaps([-4, -5]);
}
