using System.Collections.Immutable;
using Exchange.Catalog.Governance;
using Exchange.Catalog.Policies;

namespace Exchange.Catalog.Access;

/// <summary>Tells which owners of a field a plan must ask the policy about one by one.</summary>
internal sealed class OwnerCases
{
    private readonly GovernanceState _state;
    private readonly CallerAttributes _caller;
    private readonly ResourceDefinition _resource;
    private readonly PolicyAction _action;
    private readonly Dictionary<DepartmentId, SharingList> _lists;
    private readonly HashSet<DepartmentId> _told;

    /// <summary>The cases of a resource's fields for what a caller does.</summary>
    public OwnerCases(GovernanceState state, CallerAttributes caller, ResourceDefinition resource, PolicyAction action)
    {
        (_state, _caller, _resource, _action) = (state, caller, resource, action);
        _lists = state.SharingLists.Where(list => list.Key.Resource == resource.Id).ToDictionary(list => list.Key.Department, list => list.Value);
        _told = Told(state.Policy.DistinctionsIn(resource, caller, action));
        _told.Add(caller.Department);
    }

    /// <summary>True when it cannot be told from a record who owns the field.</summary>
    public bool IsUnknown(FieldDefinition field) => field.Owner is not OwnerRule.Department && OwnerAttribute(field) is null;

    /// <summary>
    /// The cases of a field: the caller; the departments with an entry or a grant of their own, or that the policy tells from
    /// others; everybody else, by the resource's default.
    /// </summary>
    public ImmutableArray<OwnerCase> Of(FieldDefinition field, IReadOnlyCollection<Grant> grants)
    {
        if (field.Owner is OwnerRule.Department { Id: var fixedOwner })
        {
            return [Case(field, fixedOwner, true, Condition.Always, grants)];
        }

        var attribute = OwnerAttribute(field)!.Value;
        var ofField = _state.Policy.DistinctionsIn(_resource, field, _caller, _action);
        var told = ofField.IsEmpty ? _told : [.. _told, .. Told(ofField)];
        var named = _lists.Where(list => list.Value.TryGetEntry(field.Number, out _)).Select(list => list.Key)
            .Concat(grants.Select(grant => grant.Owner))
            .Concat(told)
            .Where(owner => owner != _caller.Department)
            .Distinct()
            .Select(owner => Case(field, owner, told.Contains(owner), ConditionForm.IsText(attribute, owner.Value), grants))
            .OrderBy(one => one.Entry.SharingClass)
            .ThenBy(one => one.Entry.Mask.Or(Mask.None).Kind)
            .ThenBy(one => one.Entry.Mask.Parameter)
            .ThenBy(one => one.Owner!.Value.Value, StringComparer.Ordinal);
        return
        [
            Case(field, _caller.Department, true, ConditionForm.IsText(attribute, _caller.Department.Value), []),
            .. named,
            new(null, false, Condition.Always, Entry(field, null), []),
        ];
    }

    private HashSet<DepartmentId> Told(ImmutableArray<RowDistinctions> distinctions)
    {
        // The department above a caller at the top is empty, as is the owner where no known department owns the field.
        if (distinctions.Any(one => one.IsEveryOwner || (one.IsParent && _caller.Parent is null)))
        {
            return [.. _state.Departments.Values.Select(department => department.Id)];
        }

        var told = distinctions.SelectMany(one => one.Departments).Where(department => _state.Departments.ContainsKey(department.Value)).ToHashSet();
        if (_caller.Parent is { } parent && distinctions.Any(one => one.IsParent))
        {
            told.Add(parent);
        }

        return told;
    }

    private OwnerCase Case(FieldDefinition field, DepartmentId owner, bool isTold, Condition where, IReadOnlyCollection<Grant> grants)
    {
        var entry = Entry(field, owner);

        // Whatever grants there are: what is not shared is not, and an owner needs none.
        var count = owner != _caller.Department && entry.SharingClass is SharingClass.Conditional or SharingClass.Unconditional;
        return new(owner, isTold, where, entry, count ? [.. grants.Where(grant => grant.Owner == owner)] : []);
    }

    private SharingEntry Entry(FieldDefinition field, DepartmentId? owner) => owner is { } department && _lists.ContainsKey(department)
        ? _state.SharingOf(department, _resource.Id, field)
        : new()
        {
            FieldNumber = field.Number,
            Level = field.Level,
            SharingClass = field.SharingClass,
            OpenClass = field.OpenClass,
            Mask = field.Mask,
        };

    private AttributeRef? OwnerAttribute(FieldDefinition field) => field.Owner switch
    {
        OwnerRule.Opener => SystemAttributes.Opener,
        OwnerRule.DepartmentField named when _resource.TryGetField(named.FieldName, out var holder) && holder.Type is FieldType.Text or FieldType.Code =>
            new(holder.Name, holder.Number, holder.Type),
        _ => null,
    };
}
