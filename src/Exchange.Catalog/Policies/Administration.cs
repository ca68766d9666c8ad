using Exchange.Catalog.Access;
using Exchange.Catalog.Governance;
using Exchange.Policy.Language;

namespace Exchange.Catalog.Policies;

/// <summary>What policy rows forbid those who administer. The operator is never bound: one row could lock everybody out.</summary>
public static class Administration
{
    /// <summary>
    /// The refusal of a change that is about to happen; null when no row forbids it. Asked as they stand and as they would become are: of a resource the
    /// fields that change, or all when none does or the resource itself changes too; of a draft that is submitted as of what it would publish; of a sharing list its changed entries; of a policy row the fields
    /// that it counts for, or its object while it counts for none. Of a grant its fields are asked as they stand, for it changes none.
    /// The rows that forbid are those that stand before the change, without the department's own where one of them is replaced or removed.
    /// </summary>
    public static Refusal? Forbid(GovernanceState state, Caller caller, GovernanceEvent change, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Role is Role.Operator || CallerAttributes.Of(state, caller.Department, caller.Role) is not { } attributes)
        {
            return null;
        }

        var judging = Judging(state, caller.Department, change);
        if (!judging.PolicyRows.Values.Any(row => IsOnAdministering(row) && (row.Department ?? caller.Department) == caller.Department
            && judging.Policy.Snapshot.HasLink("g", attributes.Name, row.Subject)))
        {
            return null;
        }

        var context = new ContextAttributes(Purpose.Unspecified, now, caller.Network);
        foreach (var (at, target) in Touched(state, judging, change))
        {
            var found = at.Policy.Matching(attributes, target, PolicyAction.Administer, context);
            if ((found.FailedRow ?? found.Rows.FirstOrDefault(row => row.Effect is RuleEffect.Deny)?.Id) is { } forbid)
            {
                return Refused(at.Policy.Find(forbid.Value), forbid, found.FailedRow is not null, target);
            }
        }

        return null;
    }

    /// <summary>As the other, of the changes of one command: the first refusal, each asked as things stand before all of them.</summary>
    public static Refusal? Forbid(GovernanceState state, Caller caller, IEnumerable<GovernanceEvent> changes, DateTimeOffset now) =>
        changes.Select(change => Forbid(state, caller, change, now)).FirstOrDefault(refusal => refusal is not null);

    private static bool IsOnAdministering(PolicyRow row) => row.Actions.Contains(PolicyAction.Administer);

    // A department frees itself of what it forbade itself, also where its rows forbid to remove each other.
    private static GovernanceState Judging(GovernanceState state, DepartmentId department, GovernanceEvent change)
    {
        var id = change switch { GovernanceEvent.PolicyRowSet e => e.Row.Id, GovernanceEvent.PolicyRowRemoved e => e.Row, _ => default };
        return state.PolicyRows.GetValueOrDefault(id.ToString()) is { } replaced && IsOwn(replaced)
            ? state.PolicyRows.Values.Where(IsOwn).Aggregate(state, (at, row) => at.Apply(new GovernanceEvent.PolicyRowRemoved(row.Id, "", default), state.Position))
            : state;

        bool IsOwn(PolicyRow row) => row.Department == department && IsOnAdministering(row);
    }

    // What a change is about, with the state whose rows judge it.
    private static IEnumerable<(GovernanceState At, ObjectAttributes Target)> Touched(GovernanceState state, GovernanceState judging, GovernanceEvent change) => change switch
    {
        GovernanceEvent.ResourcePublished e => OfResource(state, e),
        GovernanceEvent.ResourceDraftSubmitted e => ResourceRules.Publish(state, state.Drafts[e.Resource.Value].Content, e.Time) is { IsRefused: false, Value.Event: GovernanceEvent.ResourcePublished next }
            ? OfResource(state, next)
            : [],
        GovernanceEvent.ResourceDraftRejected e => OfPublished(state, e.Resource),
        GovernanceEvent.ResourceDraftEnded e => OfPublished(state, e.Resource),
        GovernanceEvent.ResourceRevocationRequested e => OfPublished(state, e.Resource),
        GovernanceEvent.ResourceRevocationRejected e => OfPublished(state, e.Resource),
        GovernanceEvent.ResourceRevoked e => OfPublished(state, e.Resource),
        GovernanceEvent.SharingListChanged e => OfSharingList(state, e),
        GovernanceEvent.GrantIssued { Grant: var grant } => OfGrant(state, grant),
        GovernanceEvent.GrantRevoked e => OfGrant(state, state.Grants[e.Grant.Value]),
        GovernanceEvent.GrantMoved { Step: GrantStep.Renewed, Grant: var grant } => OfGrant(state, grant),
        GovernanceEvent.PolicyRowSet { Row: var row } => new[] { row, state.PolicyRows.GetValueOrDefault(row.Id.Value) }.OfType<PolicyRow>().SelectMany(one => OfRow(judging, one)),
        GovernanceEvent.PolicyRowRemoved e => OfRow(judging, state.PolicyRows[e.Row.Value]),
        _ => [], // the operator's, and what changes nobody's right: a draft that is saved, words about a request
    };

    private static IEnumerable<(GovernanceState, ObjectAttributes)> OfResource(GovernanceState state, GovernanceEvent.ResourcePublished change)
    {
        var next = change.Resource;
        var current = state.LastResource(next.Id);
        var changed = current is null || !ResourceRules.IsSameBesidesFields(current, next)
            ? []
            : next.Fields.Where(field => !current.TryGetField(field.Number, out var was) || was != field).Select(field => field.Number).ToHashSet();

        // Rows find what they are about by category and names: a policy is not built anew while these stay.
        var after = current is not null && current.Category == next.Category && next.Fields.All(field => current.IndexOf(field.Name) >= 0)
            ? state
            : state.Apply(change, state.Position + 1);
        return Of(state, current).Concat(Of(after, next));

        IEnumerable<(GovernanceState, ObjectAttributes)> Of(GovernanceState at, ResourceDefinition? resource) =>
            from field in resource?.Fields ?? []
            where changed.Count is 0 || changed.Contains(field.Number)
            select (at, Target(at, resource!, field, FixedOwner(field)));
    }

    private static IEnumerable<(GovernanceState, ObjectAttributes)> OfPublished(GovernanceState state, ResourceId id) =>
        from resource in state.Resources.GetValueOrDefault(id.Value) is { } published ? [published] : Array.Empty<ResourceDefinition>()
        from field in resource.Fields
        select (state, Target(state, resource, field, FixedOwner(field)));

    private static IEnumerable<(GovernanceState, ObjectAttributes)> OfSharingList(GovernanceState state, GovernanceEvent.SharingListChanged change)
    {
        var next = change.SharingList;
        var current = state.SharingListOf(next.Department, next.Resource).Entries;
        int[] changed = [.. current.Except(next.Entries).Concat(next.Entries.Except(current)).Select(entry => entry.FieldNumber).Distinct()];
        return OfFields(state, next.Resource, next.Department, changed).Concat(OfFields(state.Apply(change, state.Position + 1), next.Resource, next.Department, changed));
    }

    private static IEnumerable<(GovernanceState, ObjectAttributes)> OfGrant(GovernanceState state, Grant grant) =>
        state.Resources.TryGetValue(grant.Resource.Value, out var resource)
            ? OfFields(state, grant.Resource, grant.Owner, resource.Fields.Where(field => grant.Fields.Contains(field.Name)).Select(field => field.Number))
            : [];

    private static IEnumerable<(GovernanceState, ObjectAttributes)> OfFields(GovernanceState at, ResourceId id, DepartmentId owner, IEnumerable<int> numbers) =>
        from number in numbers
        let resource = at.Resources[id.Value]
        where resource.IndexOf(number) >= 0
        select (at, Target(at, resource, resource.Fields[resource.IndexOf(number)], owner));

    private static IEnumerable<(GovernanceState, ObjectAttributes)> OfRow(GovernanceState at, PolicyRow row)
    {
        var counts =
            from resource in at.Resources.Values
            where PolicyReach.MayTouch(row, resource, at)
            from field in resource.Fields
            where PolicyReach.MayName(row, field)
            let owner = FixedOwner(field) ?? (row.Effect is RuleEffect.Allow ? row.Department : null)
            where row.Effect is RuleEffect.Deny || row.Department == owner
            select (at, Target(at, resource, field, owner));
        return counts.DefaultIfEmpty((at, new ObjectAttributes(row)));
    }

    // The owner is null where it depends on the record.
    private static ObjectAttributes Target(GovernanceState at, ResourceDefinition resource, FieldDefinition field, DepartmentId? owner) =>
        new(resource, field) { Owner = owner, Entry = at.SharingOf(owner ?? default, resource.Id, field) };

    private static DepartmentId? FixedOwner(FieldDefinition field) => (field.Owner as OwnerRule.Department)?.Id;

    private static Refusal Refused(PolicyRow? row, PolicyRowId id, bool hasFailed, ObjectAttributes target)
    {
        var (resource, field) = (target.Resource?.Id.Value ?? "", target.Field?.Name ?? "");
        var what = target.Field is null ? $"`{target.Name}`" : $"`{field}` of `{resource}`";
        var next = row?.Department is null ? $"ask {NextSteps.Setter(row)}" : "your department set it and may remove it";
        return new(RefusalReason.ForbiddenByPolicy, $"policy row `{id}` {(hasFailed ? "could not be evaluated, which forbids" : "forbids")} to administer {what}: {next}")
        {
            Metadata = new Dictionary<string, string> { ["policy_row"] = id.Value, ["resource"] = resource, ["field"] = field },
        };
    }
}
