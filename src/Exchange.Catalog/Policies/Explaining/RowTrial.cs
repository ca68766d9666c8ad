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

    private int _requests;

    /// <summary>Rows that the bound left untried: they reach too much.</summary>
    public int UntriedRows { get; private set; }

    /// <summary>Rows that never match, permits that others shadow, rows that fail.</summary>
    public ImmutableArray<PolicyFinding> Findings() => [.. state.PolicyRows.Values.Select(Try).OfType<PolicyFinding>()];

    private PolicyFinding? Try(PolicyRow row)
    {
        var (matches, requests, hangsOnCall) = (0, 0, false);
        HashSet<PolicyRowId> shadowing = [];
        foreach (var (caller, resource, target, action, purpose) in Requests(row))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (++requests > MostRequestsOfRow || ++_requests > MostRequests)
            {
                UntriedRows++;
                return null;
            }

            var context = new ContextAttributes(purpose, now);
            var found = state.Policy.Matching(caller, target, action, context);
            hangsOnCall |= context.HasReadNetwork || context.ExpireTime is not null;
            if (found.FailedRow == row.Id && !hangsOnCall)
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

            shadowing.UnionWith(covering.Select(other => other.Id));
        }

        // What people can change first.
        List<string> shadows = [.. shadowing.OrderBy(id => id.IsBase).ThenBy(id => id.Value, StringComparer.Ordinal).Select(id => id.Value)];
        return (matches, hangsOnCall) switch
        {
            ( > 0, _) => new(
                PolicyFindingKind.ShadowedPermit,
                [PolicyLint.NameOf(row), .. shadows.Select(id => $"policyRows/{id}")],
                $"what `{row.Id}` permits, {PolicyLint.Few(shadows)} forbids or permits without it: it changes no answer",
                "remove it, or narrow what shadows it"),
            (_, true) => null, // it may match at another time, or from another address
            _ => new(PolicyFindingKind.NeverMatches, [PolicyLint.NameOf(row)], $"`{row.Id}` never matches: {Why(row)}", "correct it, or remove it"),
        };
    }

    private static PolicyFinding Fails(PolicyRow row, string why) =>
        new(PolicyFindingKind.Fails, [PolicyLint.NameOf(row)], $"`{row.Id}` fails: {why}", "correct it, or remove it");

    private string Why(PolicyRow row) => (Callers(row).Any(), Targets(row).Any()) switch
    {
        (false, _) => $"no department is in `{row.Subject}`",
        (_, false) => $"no field that it could count for is in `{row.Object}`",
        _ when row.Condition.Length > 0 => "its condition and row filter together hold for none of today's departments, fields, owners and purposes",
        _ => "its row filter holds for no record, or the department that answers for it owns nothing there",
    };

    private IEnumerable<(CallerAttributes Caller, ResourceDefinition Resource, ObjectAttributes Target, PolicyAction Action, Purpose Purpose)> Requests(PolicyRow row) =>
        from target in Targets(row)
        from caller in Callers(row)
        from owner in OwnersOf(row, target.Resource, target.Field, caller.Department)
        let entry = state.SharingOf(owner ?? default, target.Resource.Id, target.Field)
        from isGranted in entry.SharingClass is SharingClass.Conditional ? WithAndWithoutGrant : WithoutGrant
        let attributes = new ObjectAttributes(target.Resource, target.Field) { Owner = owner, Entry = entry, IsGranted = isGranted }
        from action in row.Actions
        from purpose in Purposes
        select (caller, target.Resource, attributes, action, purpose);

    // Of a role, callers in that role; else machines, for they read.
    private IEnumerable<CallerAttributes> Callers(PolicyRow row)
    {
        var named = PolicySubject.Roles.FirstOrDefault(role => PolicySubject.Of(role) == row.Subject);
        var role = named is Role.Unspecified ? Role.DepartmentSystem : named;
        return state.Departments.Values.Where(department => named is not Role.Unspecified || PolicyReach.MayConcern(row, department, state))
            .Select(department => CallerAttributes.Of(state, department.Id, role)).OfType<CallerAttributes>();
    }

    private IEnumerable<(ResourceDefinition Resource, FieldDefinition Field)> Targets(PolicyRow row) =>
        from resource in state.Resources.Values
        where PolicyReach.MayTouch(row, resource, state)
        from field in resource.Fields
        where PolicyReach.MayTouch(row, resource, field, state)
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

            // Of two that say the same, the first stays.
            || (otherMask == mask && (other.Id.IsBase || string.CompareOrdinal(other.Id.Value, row.Id.Value) < 0 || !ConditionLogic.Implies(wider, filter)));
    }

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
