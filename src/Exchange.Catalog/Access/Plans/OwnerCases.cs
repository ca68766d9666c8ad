using System.Collections.Immutable;
using Exchange.Catalog.Governance;
using Exchange.Policy.Decisions;

namespace Exchange.Catalog.Access;

/// <summary>Tells which owners of a field a plan must ask the policy about one by one.</summary>
internal sealed class OwnerCases(GovernanceState state, DepartmentId caller, ResourceDefinition resource)
{
    /// <summary>True when it cannot be told from a record who owns the field.</summary>
    public bool IsUnknown(FieldDefinition field) => field.Owner is not OwnerRule.Department && OwnerAttribute(field) is null;

    /// <summary>
    /// The cases of a field: the caller; the departments with an entry or a grant of their own, or that a policy row speaks
    /// of; everybody else, by the resource's default.
    /// </summary>
    public ImmutableArray<OwnerCase> Of(FieldDefinition field, IReadOnlyCollection<Grant> grants)
    {
        if (field.Owner is OwnerRule.Department { Id: var fixedOwner })
        {
            return [Case(field, fixedOwner, Condition.Always, grants)];
        }

        var attribute = OwnerAttribute(field)!.Value;
        var named = state.SharingLists.Where(list => list.Key.Resource == resource.Id && list.Value.TryGetEntry(field.Number, out _)).Select(list => list.Key.Department)
            .Concat(grants.Select(grant => grant.Owner))
            .Concat(SpokenOf(field))
            .Where(owner => owner != caller)
            .Distinct()
            .Select(owner => Case(field, owner, OwnerIs(attribute, owner), grants))
            .OrderBy(one => one.Entry.SharingClass)
            .ThenBy(one => one.Entry.Mask.Or(Mask.None).ToString(), StringComparer.Ordinal)
            .ThenBy(one => one.Owner!.Value.Value, StringComparer.Ordinal);
        return [Case(field, caller, OwnerIs(attribute, caller), []), .. named, new(null, Condition.Always, Default(field), [])];
    }

    // A permit counts for the records of the department that set it; a condition may ask for the owner in ways that only trying each can tell.
    private IEnumerable<DepartmentId> SpokenOf(FieldDefinition field)
    {
        var rows = state.Policy.RowsAbout(resource, field).ToList();
        return rows.Exists(row => row.Condition.Contains("owner", StringComparison.Ordinal))
            ? state.Departments.Values.Select(department => department.Id)
            : rows.Where(row => row is { Effect: Effect.Allow, Department: not null }).Select(row => row.Department!.Value);
    }

    private OwnerCase Case(FieldDefinition field, DepartmentId owner, Condition where, IReadOnlyCollection<Grant> grants)
    {
        var entry = state.SharingOf(owner, resource.Id, field);

        // Whatever grants there are: what is not shared is not, and an owner needs none.
        var count = owner != caller && entry.SharingClass is SharingClass.Conditional or SharingClass.Unconditional;
        return new(owner, where, entry, count ? [.. grants.Where(grant => grant.Owner == owner)] : []);
    }

    private static SharingEntry Default(FieldDefinition field) => new()
    {
        FieldNumber = field.Number,
        Level = field.Level,
        SharingClass = field.SharingClass,
        OpenClass = field.OpenClass,
        Mask = field.Mask,
    };

    private static Condition OwnerIs(AttributeRef attribute, DepartmentId department) => ConditionForm.IsText(attribute, department.Value);

    private AttributeRef? OwnerAttribute(FieldDefinition field) => field.Owner switch
    {
        OwnerRule.Opener => SystemAttributes.Opener,
        OwnerRule.DepartmentField named when resource.TryGetField(named.FieldName, out var holder) && holder.Type is FieldType.Text or FieldType.Code =>
            new(holder.Name, holder.Number, holder.Type),
        _ => null,
    };
}
