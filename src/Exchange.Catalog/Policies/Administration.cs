using Exchange.Catalog.Access;
using Exchange.Catalog.Governance;
using Exchange.Policy.Language;

namespace Exchange.Catalog.Policies;

/// <summary>What policy rows forbid those who administer. The operator is never bound: one row could lock everybody out.</summary>
public static class Administration
{
    /// <summary>
    /// The refusal of a change that is about to happen; null when no row forbids it. Of a resource count the fields that change, or all when none does,
    /// as they stand and as they would become; of a sharing list its changed entries; of a grant its fields; of a policy row what it counts for.
    /// </summary>
    public static Refusal? Forbid(GovernanceState state, Caller caller, GovernanceEvent change, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Role is Role.Operator || !state.PolicyRows.Values.Any(row => row.Actions.Contains(PolicyAction.Administer))
            || CallerAttributes.Of(state, caller.Department, caller.Role) is not { } attributes)
        {
            return null;
        }

        var context = new ContextAttributes(Purpose.Unspecified, now, caller.Network);
        foreach (var (at, resource, field, owner) in Touched(state, change))
        {
            var target = new ObjectAttributes(resource, field) { Owner = owner, Entry = at.SharingOf(owner ?? default, resource.Id, field) };
            var found = at.Policy.Matching(attributes, target, PolicyAction.Administer, context);
            if ((found.FailedRow ?? found.Rows.FirstOrDefault(row => row.Effect is RuleEffect.Deny)?.Id) is { } forbid)
            {
                return Refused(at.Policy, forbid, found.FailedRow is not null, resource, field);
            }
        }

        return null;
    }

    // The fields that a change is about, with the department it is made for; null where that depends on the record.
    private static IEnumerable<(GovernanceState At, ResourceDefinition Resource, FieldDefinition Field, DepartmentId? Owner)> Touched(GovernanceState state, GovernanceEvent change) => change switch
    {
        GovernanceEvent.ResourcePublished e => OfResource(state, state.Apply(e, state.Position + 1), e.Resource),
        GovernanceEvent.SharingListChanged { SharingList: var list } => OfFields(state, list.Resource, list.Department, ChangedEntries(state, list)),
        GovernanceEvent.GrantIssued { Grant: var grant } => OfGrant(state, grant),
        GovernanceEvent.GrantRevoked e => OfGrant(state, state.Grants[e.Grant.Value]),
        GovernanceEvent.PolicyRowSet { Row: var row } => new[] { row, state.PolicyRows.GetValueOrDefault(row.Id.Value) }.OfType<PolicyRow>().SelectMany(one => OfRow(state, one)),
        GovernanceEvent.PolicyRowRemoved e => OfRow(state, state.PolicyRows[e.Row.Value]),
        _ => [], // the operator's
    };

    private static IEnumerable<(GovernanceState, ResourceDefinition, FieldDefinition, DepartmentId?)> OfResource(GovernanceState before, GovernanceState after, ResourceDefinition next)
    {
        var current = before.Resources.GetValueOrDefault(next.Id.Value);
        var changed = next.Fields.Where(field => current is null || !current.TryGetField(field.Number, out var was) || was != field).ToList();
        var numbers = (changed is [] ? [.. next.Fields] : changed).Select(field => field.Number).ToHashSet();
        return Of(before, current).Concat(Of(after, next));

        IEnumerable<(GovernanceState, ResourceDefinition, FieldDefinition, DepartmentId?)> Of(GovernanceState at, ResourceDefinition? resource) =>
            from field in resource?.Fields ?? []
            where numbers.Contains(field.Number)
            select (at, resource, field, FixedOwner(field));
    }

    private static IEnumerable<int> ChangedEntries(GovernanceState state, SharingList next)
    {
        var current = state.SharingListOf(next.Department, next.Resource).Entries;
        return current.Except(next.Entries).Concat(next.Entries.Except(current)).Select(entry => entry.FieldNumber).Distinct();
    }

    private static IEnumerable<(GovernanceState, ResourceDefinition, FieldDefinition, DepartmentId?)> OfGrant(GovernanceState state, Grant grant) =>
        state.Resources.TryGetValue(grant.Resource.Value, out var resource)
            ? OfFields(state, grant.Resource, grant.Owner, resource.Fields.Where(field => grant.Fields.Contains(field.Name)).Select(field => field.Number))
            : [];

    private static IEnumerable<(GovernanceState, ResourceDefinition, FieldDefinition, DepartmentId?)> OfFields(
        GovernanceState state, ResourceId id, DepartmentId owner, IEnumerable<int> numbers) =>
        from number in numbers
        let resource = state.Resources[id.Value]
        where resource.IndexOf(number) >= 0
        select (state, resource, resource.Fields[resource.IndexOf(number)], (DepartmentId?)owner);

    private static IEnumerable<(GovernanceState, ResourceDefinition, FieldDefinition, DepartmentId?)> OfRow(GovernanceState state, PolicyRow row) =>
        from resource in state.Resources.Values
        where row.Effect is RuleEffect.Allow || row.Department is null || row.Department == resource.Department
        from field in resource.Fields
        where PolicyReach.MayTouch(row, resource, field, state)
        let owner = FixedOwner(field) ?? (row.Effect is RuleEffect.Allow ? row.Department : null)
        where row.Effect is RuleEffect.Deny || row.Department is null || row.Department == owner
        select (state, resource, field, owner);

    private static DepartmentId? FixedOwner(FieldDefinition field) => (field.Owner as OwnerRule.Department)?.Id;

    private static Refusal Refused(HubPolicy policy, PolicyRowId row, bool hasFailed, ResourceDefinition resource, FieldDefinition field) => new(
        RefusalReason.ForbiddenByPolicy,
        $"policy row `{row}` {(hasFailed ? "could not be evaluated, which forbids" : "forbids")} to administer `{field.Name}` of `{resource.Id}`: ask {NextSteps.Setter(policy.Find(row.Value))}")
    {
        Metadata = new Dictionary<string, string> { ["policy_row"] = row.Value, ["resource"] = resource.Id.Value, ["field"] = field.Name },
    };
}
