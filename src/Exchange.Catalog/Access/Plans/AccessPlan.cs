using System.Collections.Immutable;

namespace Exchange.Catalog.Access;

/// <summary>
/// What one caller may read of a resource for a purpose: decided once, run for every row, in SQL and in memory with the
/// same meaning. Nothing downstream decides again. Immutable.
/// </summary>
public sealed class AccessPlan
{
    /// <summary>A plan of these field plans, one for each of the resource's fields in their order.</summary>
    public AccessPlan(ResourceDefinition resource, ImmutableArray<FieldPlan> fields)
    {
        ArgumentNullException.ThrowIfNull(resource);
        if (!fields.Select(plan => plan.Field).SequenceEqual(resource.Fields))
        {
            throw new ArgumentException("one plan for each field, in the resource's order", nameof(fields));
        }

        (Resource, Fields) = (resource, fields);
        RowVisible = fields.Any(plan => plan.Allowed is Condition.True)
            ? Condition.Always // the usual case, without joining the others first
            : ConditionForm.AnyOf([.. fields.Select(plan => plan.Allowed).Distinct()]);
        ConditionNumbers = [.. fields.SelectMany(plan => plan.Rules).SelectMany(rule => ConditionForm.AttributeNumbers(rule.Condition))];
    }

    /// <summary>The department that reads.</summary>
    public required DepartmentId Caller { get; init; }

    /// <summary>The resource's revision it was compiled for.</summary>
    public ResourceDefinition Resource { get; }

    /// <summary>What the caller wants to do.</summary>
    public required PlanAction Action { get; init; }

    /// <summary>Why the caller reads.</summary>
    public required Purpose Purpose { get; init; }

    /// <summary>Governance position it was compiled at: the policy revision.</summary>
    public required long Revision { get; init; }

    /// <summary>When something in it ends, such as a grant or the hours of a policy row: compile anew then. Null when nothing does.</summary>
    public DateTimeOffset? ExpireTime { get; init; }

    /// <summary>True when a policy row asked for the caller's address: the plan is for calls from that address only.</summary>
    public bool DependsOnNetwork { get; init; }

    /// <summary>True when no address was known where a policy row asked for it: that row failed.</summary>
    public bool IsFromNowhere { get; init; }

    /// <summary>One plan a field, in the order and at the index of the resource's fields.</summary>
    public ImmutableArray<FieldPlan> Fields { get; }

    /// <summary>Rows that are there for the caller: those in which some field is allowed.</summary>
    public Condition RowVisible { get; }

    /// <summary>
    /// Numbers of the fields and system attributes its conditions look at: select them too, and carry their values before and
    /// after in change events.
    /// </summary>
    public ImmutableSortedSet<int> ConditionNumbers { get; }

    /// <summary>True when no field is allowed in any row.</summary>
    public bool IsDenied => RowVisible is Condition.False;

    /// <summary>Fields denied in every row.</summary>
    public IEnumerable<FieldPlan> DeniedFields => Fields.Where(plan => plan.IsDenied);

    /// <summary>Ids of all rules that made it, each once, in ordinal order.</summary>
    public ImmutableSortedSet<string> RuleIds =>
        Fields.SelectMany(plan => plan.Rules).SelectMany(rule => rule.RuleIds).ToImmutableSortedSet(StringComparer.Ordinal);

    /// <summary>False once something in it has ended.</summary>
    public bool IsCurrent(DateTimeOffset now) => ExpireTime is null || now < ExpireTime;

    /// <summary>
    /// True when the field may stand in a filter, order, search or match: it is allowed without a mask in every row the caller
    /// may see, or the answer would leak it. Conservative: false also where that cannot be told.
    /// </summary>
    public bool CanFilterBy(int fieldNumber) =>
        Resource.IndexOf(fieldNumber) is var index and >= 0 && ConditionLogic.Implies(RowVisible, Fields[index].AllowedUnmasked);

    /// <summary>
    /// Numbers of the fields of which this plan shows some row more than the earlier plan did: rows to read again (BACKFILL).
    /// Conservative: it may name a field that shows no more, never the other way round.
    /// </summary>
    public ImmutableArray<int> WidenedFrom(AccessPlan earlier)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        return [.. Fields.Where(plan => Widens(earlier, plan)).Select(plan => plan.Field.Number)];
    }

    private static bool Widens(AccessPlan earlier, FieldPlan plan)
    {
        if (plan.IsDenied)
        {
            return false;
        }

        return earlier.Resource.IndexOf(plan.Field.Number) is not (var index and >= 0)
            || plan.Masks.Prepend(Mask.None).Any(mask => !ConditionLogic.Implies(
                plan.ShownAs(shown => shown == mask || (!shown.Hides && !mask.Hides)),
                earlier.Fields[index].ShownAs(shown => shown == mask || !shown.Hides)));
    }
}
