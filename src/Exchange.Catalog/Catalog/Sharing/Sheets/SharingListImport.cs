using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Exchange.Catalog.Governance;

namespace Exchange.Catalog;

/// <summary>Decides what a sheet changes of a department's sharing lists: all of it or nothing.</summary>
public static class SharingListImport
{
    /// <summary>
    /// Puts the rows of a sheet on the department's lists. A row that says what holds already changes nothing, and a field without a row stays as it is. The value
    /// is what is different.
    /// </summary>
    /// <param name="state">State to decide on.</param>
    /// <param name="department">Whose lists.</param>
    /// <param name="rows">The sheet.</param>
    /// <param name="etag">Etag of the lists that the difference was looked at with; empty when the steward does not mind.</param>
    public static Result<GovernanceDecision<ImmutableArray<SharingDifference>>> Decide(GovernanceState state, DepartmentId department, ImmutableArray<SheetRow> rows, string etag)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(etag);
        var differences = ImmutableArray.CreateBuilder<SharingDifference>();
        var events = ImmutableArray.CreateBuilder<GovernanceEvent>();
        List<FieldViolation> violations = [];
        foreach (var sheet in rows.GroupBy(row => row.Resource))
        {
            var found = ResourceLookup.Published(state, sheet.Key);
            if (found.IsRefused)
            {
                return found.Refusal;
            }

            var changed = sheet.Where(row => found.Value.TryGetField(row.Field, out var field) && Effective(row.Entry, field) != state.SharingOf(department, sheet.Key, field)).ToList();
            if (changed is [])
            {
                continue;
            }

            var list = state.SharingListOf(department, sheet.Key);
            var kept = list.Entries
                .Where(entry => found.Value.TryGetField(entry.FieldNumber, out _) && changed.TrueForAll(row => row.Entry.FieldNumber != entry.FieldNumber))
                .Select(entry => (found.Value.Fields[found.Value.IndexOf(entry.FieldNumber)].Name, entry));
            var updated = SharingListRules.Update(state, department, sheet.Key, [.. changed.Select(row => (row.Field, row.Entry)), .. kept], "");
            if (updated.IsRefused)
            {
                violations.AddRange(updated.Refusal.Violations.Select(violation => InSheet(violation, changed)));
                if (updated.Refusal.Violations is [])
                {
                    return updated.Refusal;
                }

                continue;
            }

            events.AddRange(updated.Value.Events);
            differences.AddRange(
                from row in changed
                let field = found.Value.Fields[found.Value.IndexOf(row.Field)]
                from difference in SharingDifference.Between(sheet.Key, row.Field, state.SharingOf(department, sheet.Key, field), Effective(row.Entry, field))
                select difference);
        }

        if (violations.Count is 0 && events.Count > 0 && etag.Length > 0 && etag != EtagOf(state, department, rows))
        {
            return new Refusal(RefusalReason.StaleEtag, $"the sharing lists of `{department}` have changed: look at the difference again and retry")
            {
                Metadata = new Dictionary<string, string> { ["department"] = department.ToString() },
            };
        }

        return violations.Count > 0
            ? Refusal.Invalid(violations)
            : new GovernanceDecision<ImmutableArray<SharingDifference>>(differences.ToImmutable(), events.ToImmutable());
    }

    /// <summary>Changes when one of the lists that a sheet is about does, or the definition of its resource.</summary>
    public static string EtagOf(GovernanceState state, DepartmentId department, ImmutableArray<SheetRow> rows)
    {
        ArgumentNullException.ThrowIfNull(state);
        var lists = string.Join(' ', rows.Select(row => row.Resource.Value).Distinct().Order(StringComparer.Ordinal).Select(resource => new ResourceId(resource))
            .Select(resource => $"{resource}:{state.LastResource(resource)?.Etag}:{state.SharingListOf(department, resource).Etag}"));
        return $"l{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lists)))[..32]}";
    }

    // As it would hold: what it does not say of masking, the resource says.
    private static SharingEntry Effective(SharingEntry entry, FieldDefinition field) => entry with { Mask = entry.Mask.Or(field.Mask) };

    // The rules tell places in a request: here they are lines.
    private static FieldViolation InSheet(FieldViolation violation, List<SheetRow> rows)
    {
        const string Prefix = "sharing_list.entries[";
        var end = violation.Field.IndexOf(']', StringComparison.Ordinal);
        return violation.Field.StartsWith(Prefix, StringComparison.Ordinal) && int.TryParse(violation.Field.AsSpan(Prefix.Length, end - Prefix.Length), out var index) && index < rows.Count
            ? violation with { Field = $"line {rows[index].Line}: {violation.Field[(end + 1)..].TrimStart('.')}" }
            : violation;
    }
}
