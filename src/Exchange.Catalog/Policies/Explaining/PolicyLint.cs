using System.Collections.Immutable;
using Exchange.Catalog.Governance;
using Exchange.Policy.Language;

namespace Exchange.Catalog.Policies;

/// <summary>Looks for mistakes in the policies of a state. Everything it says is probable: people decide.</summary>
public static class PolicyLint
{
    private const int MostNamed = 5;

    /// <summary>Everything that was found, by kind and name.</summary>
    /// <param name="state">Departments, catalog and rows to look at.</param>
    /// <param name="now">The time at which conditions are tried.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public static PolicyLintReport Check(GovernanceState state, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(state);

        // Nothing can be asked of trees that are none.
        var cycles = Cycles("departments", state.Departments.Keys, id => state.Departments.GetValueOrDefault(id)?.Parent?.Value)
            .Concat(Cycles("categories", state.Categories.Keys, code => state.Categories.GetValueOrDefault(code)?.Parent?.Value)).ToList();
        if (cycles.Count > 0)
        {
            return Report(cycles, state.PolicyRows.Count);
        }

        var trial = new RowTrial(state, now, cancellationToken);
        return Report([.. trial.Findings(), .. NotAsked(state), .. PermitsToEveryone(state), .. SharedWithEveryone(state)], trial.UntriedRows);
    }

    /// <summary>The name of a row, as the public contract writes it.</summary>
    internal static string NameOf(PolicyRow row) => $"policyRows/{row.Id}";

    /// <summary>The first of some words, and how many more there are.</summary>
    internal static string Few(IReadOnlyCollection<string> words) =>
        string.Join(", ", words.Take(MostNamed).Select(word => $"`{word}`")) + (words.Count > MostNamed ? $" and {words.Count - MostNamed} more" : "");

    private static PolicyLintReport Report(IEnumerable<PolicyFinding> findings, int untriedRows) =>
        new([.. findings.OrderBy(finding => finding.Kind).ThenBy(finding => finding.Names[0], StringComparer.Ordinal)], untriedRows);

    private static IEnumerable<PolicyFinding> Cycles(string collection, IEnumerable<string> ids, Func<string, string?> parent)
    {
        HashSet<string> done = new(StringComparer.Ordinal);
        foreach (var id in ids)
        {
            List<string> path = [];
            for (string? current = id; current is not null && done.Add(current);)
            {
                path.Add(current);
                current = parent(current);
                if (current is not null && path.IndexOf(current) is var begin and >= 0)
                {
                    var cycle = path[begin..];
                    yield return new(
                        PolicyFindingKind.RoleCycle,
                        [.. cycle.Select(member => $"{collection}/{member}")],
                        $"{Few(cycle)} stand above themselves: rows on one of them count for all, and the other checks cannot be made",
                        "give one of them another parent, or none");
                }
            }
        }
    }

    private static IEnumerable<PolicyFinding> NotAsked(GovernanceState state) =>
        from row in state.PolicyRows.Values
        let actions = row.Actions.Where(action => action is PolicyAction.Match or PolicyAction.Export).Select(PolicyWords.UpperSnake).ToList()
        where actions.Count > 0
        select new PolicyFinding(
            PolicyFindingKind.NotAsked, [NameOf(row)], $"`{row.Id}` is on {Few(actions)}: no operation of the hub asks for that yet", "leave it for the day that one does, or remove it");

    private static IEnumerable<PolicyFinding> PermitsToEveryone(GovernanceState state)
    {
        foreach (var row in state.PolicyRows.Values.Where(row => row.Effect is RuleEffect.Allow && state.Departments.Values.All(department => PolicyReach.MayConcern(row, department, state))))
        {
            var open = state.Resources.Values.SelectMany(resource => resource.Fields
                .Where(field => !field.Retired && PolicyReach.MayTouch(row, resource, field, state) && IsOpened(state, row, resource, field))
                .Select(field => $"{resource.Id}/{field.Name}")).ToList();
            if (open.Count > 0)
            {
                var when = row.Condition.Length + row.RowFilter.Length > 0 ? ", though not always" : "";
                yield return new(
                    PolicyFindingKind.PermitToEveryone,
                    [NameOf(row)],
                    $"`{row.Id}` permits everybody to read {Few(open)} without a mask{when}: level 3 or 4",
                    "name the departments that need it, or put a mask on it");
            }
        }
    }

    private static bool IsOpened(GovernanceState state, PolicyRow row, ResourceDefinition resource, FieldDefinition field) =>
        EntriesOf(state, resource, field)
            .Any(owner => IsSensitive(owner.Entry) && (row.Department is null || owner.Owner is null || owner.Owner == row.Department) && !row.Mask.Or(owner.Entry.Mask).Hides);

    // The base rule permits everybody what an owner shares unconditionally.
    private static IEnumerable<PolicyFinding> SharedWithEveryone(GovernanceState state)
    {
        var open = from resource in state.Resources.Values
                   from field in resource.Fields
                   where !field.Retired
                   from owner in EntriesOf(state, resource, field)
                   where owner.Entry.SharingClass is SharingClass.Unconditional && IsSensitive(owner.Entry) && !owner.Entry.Mask.Hides
                   group field.Name by owner.Owner is { } department ? $"departments/{department}/sharingLists/{resource.Id}" : $"resources/{resource.Id}";
        return open.Select(list => new PolicyFinding(
            PolicyFindingKind.PermitToEveryone,
            [list.Key, $"policyRows/{Access.BaseRules.Unconditional}"],
            $"{Few([.. list])} is of level 3 or 4 and shared unconditionally without a mask: every department reads it",
            "share it conditionally, or put a mask on it"));
    }

    // The default first, then what departments have on lists of their own; null stands for whoever has none.
    private static IEnumerable<(DepartmentId? Owner, SharingEntry Entry)> EntriesOf(GovernanceState state, ResourceDefinition resource, FieldDefinition field)
    {
        var fixedOwner = (field.Owner as OwnerRule.Department)?.Id;
        var own = state.SharingLists.Values
            .Where(list => list.Resource == resource.Id && list.TryGetEntry(field.Number, out _) && (fixedOwner is null || list.Department == fixedOwner)).ToList();
        return own.OrderBy(list => list.Department.Value, StringComparer.Ordinal)
            .Select(list => ((DepartmentId?)list.Department, state.SharingOf(list.Department, resource.Id, field)))
            .Concat(fixedOwner is not null && own.Count > 0 ? [] : [((DepartmentId?)null, state.SharingOf(default, resource.Id, field))]);
    }

    private static bool IsSensitive(SharingEntry entry) => entry.Level is Level.Sensitive or Level.HighlySensitive;
}
