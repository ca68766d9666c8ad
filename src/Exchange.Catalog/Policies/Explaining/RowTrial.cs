using System.Collections.Immutable;
using Exchange.Catalog.Governance;
using Exchange.Policy.Language;

namespace Exchange.Catalog.Policies;

/// <summary>
/// Tries every row that was set on today's departments, fields, owners and purposes, until one shows that the row has an effect. Bounded: of rows for which
/// the bound comes first nothing is said. Not for concurrent use.
/// </summary>
internal sealed class RowTrial(GovernanceState state, DateTimeOffset now, CancellationToken cancellationToken)
{
    // About 2 µs each.
    private const int MostRequestsOfRow = 2_000_000;
    private const int MostRequests = 5_000_000;

    private static readonly ImmutableArray<Purpose> Purposes = [.. Enum.GetValues<Purpose>().Where(purpose => purpose is not Purpose.Unspecified)];
    private static readonly ImmutableArray<bool> WithoutGrant = [false];
    private static readonly ImmutableArray<bool> WithAndWithoutGrant = [false, true];

    private readonly Dictionary<(string Filter, ResourceId Resource, DepartmentId Caller), Condition?> _filters = [];
    private readonly ImmutableSortedSet<string> _attributes = CallerAttributes.NamesIn(state);

    // A row that hangs on the call shadows nothing for sure, and where it fails it would hide the others.
    private readonly HubPolicy _policy = new(
        state.Departments, state.Resources, state.Categories, state.PolicyRows.RemoveRange(state.PolicyRows.Values.Where(HangsOnCall).Select(row => row.Id.Value)));

    private int _requests;

    /// <summary>Rows that were not tried to the end: they reach too much, or hang on the time or address of a call.</summary>
    public int UntriedRows { get; private set; }

    /// <summary>Rows that name what no department has, never match or fail, and permits that others shadow.</summary>
    public ImmutableArray<PolicyFinding> Findings() => [.. state.PolicyRows.Values.Select(row => UnknownAttribute(row) ?? Try(row)).OfType<PolicyFinding>()];

    // What a condition or filter complains of now and would not if any attribute were known.
    private PolicyFinding? UnknownAttribute(PolicyRow row)
    {
        var complaint = HubModel.UnknownName(row.Condition, attributes: null) is null ? HubModel.UnknownName(row.Condition, _attributes) : null;
        if (complaint is null && row.RowFilter.Length > 0 && state.Resources.Values.FirstOrDefault(resource => PolicyReach.MayTouch(row, resource, state)) is { } resource
            && Callers(row).FirstOrDefault() is { } caller && Filter(row, caller, resource) is not null)
        {
            complaint = ConditionParser.Parse(row.RowFilter, new PolicyFilterSchema(resource, _attributes)).Errors is [var error, ..]
                ? $"at character {error.Position}: {error.Message}"
                : null;
        }

        return complaint is null ? null : new(
            PolicyFindingKind.UnknownAttribute,
            [PolicyLint.NameOf(row)],
            $"`{row.Id}` names an attribute that no department has: {complaint}",
            "give departments the attribute, or correct the row");
    }

    private PolicyFinding? Try(PolicyRow row)
    {
        if (HangsOnCall(row) && Callers(row).Any() && Targets(row).Any())
        {
            UntriedRows++; // it may match at another time, or from another address
            return null;
        }

        var (matches, requests) = (0, 0);
        HashSet<PolicyRow> shadowing = [];
        foreach (var (caller, resource, target, action, purpose) in Requests(row))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (++requests > MostRequestsOfRow || ++_requests > MostRequests)
            {
                UntriedRows++;
                return null;
            }

            var found = _policy.Matching(caller, target, action, new ContextAttributes(purpose, now));
            if (found.FailedRow == row.Id)
            {
                return Fails(row, "its condition fails where it is asked, and what fails denies");
            }

            if (!found.Rows.Contains(row) || Filter(row, caller, resource) is Condition.False)
            {
                continue;
            }

            if (Filter(row, caller, resource) is null)
            {
                return Fails(row, $"its row filter cannot be read for `{resource.Id}` any more, and what fails denies");
            }

            matches++;
            List<PolicyRow> covering = row.Effect is RuleEffect.Allow ? [.. found.Rows.Where(other => Shadows(other, row, caller, resource, target.Entry))] : [];
            if (covering is [])
            {
                return null;
            }

            shadowing.UnionWith(covering);
        }

        return matches > 0
            ? new(
                PolicyFindingKind.ShadowedPermit,
                [PolicyLint.NameOf(row), .. InOrder(shadowing).Select(id => $"policyRows/{id}")],
                $"what `{row.Id}` permits, {Shadows(shadowing)}: it changes no answer",
                "remove it, or narrow what shadows it")
            : new(PolicyFindingKind.NeverMatches, [PolicyLint.NameOf(row)], $"`{row.Id}` never matches: {Why(row)}", "correct it, or remove it");
    }

    private static bool HangsOnCall(PolicyRow row) => HubModel.AsksFor(row.Condition, "network", "time", "date");

    // What people can change first.
    private static IEnumerable<string> InOrder(IEnumerable<PolicyRow> rows) =>
        rows.OrderBy(row => row.Id.IsBase).ThenBy(row => row.Id.Value, StringComparer.Ordinal).Select(row => row.Id.Value);

    private static string Shadows(HashSet<PolicyRow> shadowing)
    {
        List<string> forbid = [.. InOrder(shadowing.Where(row => row.Effect is RuleEffect.Deny))];
        List<string> permit = [.. InOrder(shadowing.Where(row => row.Effect is RuleEffect.Allow))];
        var (forbidden, permitted) = ($"{PolicyLint.Few(forbid)} {(forbid.Count is 1 ? "forbids" : "forbid")}", $"{PolicyLint.Few(permit)} {(permit.Count is 1 ? "permits" : "permit")} already");
        return (forbid, permit) switch { (_, []) => forbidden, ([], _) => permitted, _ => $"{forbidden} or {permitted}" };
    }

    private static PolicyFinding Fails(PolicyRow row, string why) =>
        new(PolicyFindingKind.Fails, [PolicyLint.NameOf(row)], $"`{row.Id}` fails: {why}", "correct it, or remove it");

    private string Why(PolicyRow row) => (Callers(row).Any(), Targets(row).Any()) switch
    {
        (false, _) => $"no department is in `{row.Subject}`",
        (_, false) => $"no field that it could count for is in `{row.Object}`",
        _ when row.Department is { } own && row.Actions.All(action => action is PolicyAction.Administer) && Callers(row).All(caller => caller.Department != own) =>
            $"on administering it binds stewards of `{own}` only, and `{row.Subject}` has none",
        _ when row.Condition.Length > 0 => "its condition and row filter together hold for none of today's departments, fields, owners and purposes",
        _ when row.RowFilter.Length is 0 => $"`{row.Department}` {(row.Effect is RuleEffect.Allow ? "owns" : "keeps")} nothing there",
        _ when row.Department is { } department => $"its row filter holds for no record, or `{department}` {(row.Effect is RuleEffect.Allow ? "owns" : "keeps")} nothing there",
        _ => "its row filter holds for no record",
    };

    private IEnumerable<(CallerAttributes Caller, ResourceDefinition Resource, ObjectAttributes Target, PolicyAction Action, Purpose Purpose)> Requests(PolicyRow row) =>
        from target in Targets(row)
        from action in row.Actions
        from caller in Callers(row, action)
        from owner in OwnersOf(row, target.Resource, target.Field, caller.Department)
        let entry = state.SharingOf(owner ?? default, target.Resource.Id, target.Field)
        from isGranted in entry.SharingClass is SharingClass.Conditional ? WithAndWithoutGrant : WithoutGrant
        let attributes = new ObjectAttributes(target.Resource, target.Field) { Owner = owner, Entry = entry, IsGranted = isGranted }
        from purpose in Purposes
        select (caller, target.Resource, attributes, action, purpose);

    private IEnumerable<CallerAttributes> Callers(PolicyRow row) => row.Actions.SelectMany(action => Callers(row, action));

    // Of a role, callers in that role; else stewards, for they administer, or machines, for they do the rest.
    private IEnumerable<CallerAttributes> Callers(PolicyRow row, PolicyAction action)
    {
        var named = PolicySubject.Roles.FirstOrDefault(role => PolicySubject.Of(role) == row.Subject);
        var role = named is not Role.Unspecified ? named : action is PolicyAction.Administer ? Role.Steward : Role.DepartmentSystem;
        return state.Departments.Values.Where(department => named is not Role.Unspecified || PolicyReach.MayConcern(row, department, state))
            .Select(department => CallerAttributes.Of(state, department.Id, role)).OfType<CallerAttributes>();
    }

    private IEnumerable<(ResourceDefinition Resource, FieldDefinition Field)> Targets(PolicyRow row) =>
        from resource in state.Resources.Values
        where PolicyReach.MayTouch(row, resource, state)
        from field in resource.Fields
        where PolicyReach.MayName(row, field)
        select (resource, field);

    // Owners that differ to policies: the reader, whoever answers for the row, who has a list of its own, somebody else.
    private IEnumerable<DepartmentId?> OwnersOf(PolicyRow row, ResourceDefinition resource, FieldDefinition field, DepartmentId caller)
    {
        if (field.Owner is OwnerRule.Department { Id: var only })
        {
            return [only];
        }

        var listed = state.SharingLists.Keys.Where(key => key.Resource == resource.Id).Select(key => (DepartmentId?)key.Department);
        return listed.Prepend(caller).Append(row.Department).Append(null).Distinct();
    }

    private bool Shadows(PolicyRow other, PolicyRow row, CallerAttributes caller, ResourceDefinition resource, SharingEntry entry)
    {
        // What a grant permits is its own: it may end while the row stands.
        if (other.Id == row.Id || other.Id.Value is Access.BaseRules.ConditionalGrant
            || Filter(row, caller, resource) is not { } filter || Filter(other, caller, resource) is not { } wider || !ConditionLogic.Implies(filter, wider))
        {
            return false;
        }

        var (mask, otherMask) = (row.Mask.Or(entry.Mask).Or(Mask.None), other.Mask.Or(entry.Mask).Or(Mask.None));
        return other.Effect is RuleEffect.Deny
            || (otherMask != mask && !otherMask.Hides)

            // Of two that say the same, the wider stays; else the first.
            || (otherMask == mask && (other.Id.IsBase || PlaceOf(other).CompareTo(PlaceOf(row)) < 0 || !ConditionLogic.Implies(wider, filter)));
    }

    private static (int Parts, bool IsForSome, bool IsConditional, string Id) PlaceOf(PolicyRow row) =>
        (row.Object.Count(letter => letter is '/'), row.Subject is not PolicySubject.Everybody, row.Condition.Length > 0, row.Id.Value);

    // Null when the filter cannot be read for the resource.
    private Condition? Filter(PolicyRow row, CallerAttributes caller, ResourceDefinition resource)
    {
        if (row.RowFilter.Length is 0)
        {
            return Condition.Always;
        }

        var key = (row.RowFilter, resource.Id, caller.Department);
        if (!_filters.TryGetValue(key, out var filter))
        {
            var parse = ConditionParser.Parse(row.RowFilter, new PolicyFilterSchema(resource, caller));
            _filters.Add(key, filter = parse.IsValid ? parse.Condition : null);
        }

        return filter;
    }
}
