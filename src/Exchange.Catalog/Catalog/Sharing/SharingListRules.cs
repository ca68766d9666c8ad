using System.Collections.Immutable;
using Exchange.Catalog.Governance;

namespace Exchange.Catalog;

/// <summary>Decides what stands on a department's sharing list.</summary>
public static class SharingListRules
{
    /// <summary>
    /// Replaces a department's entries for one resource; fields left out follow the resource's defaults again. The same
    /// entries again change nothing. <paramref name="etag"/> is empty when the steward does not mind.
    /// </summary>
    /// <param name="state">State to decide on.</param>
    /// <param name="department">Whose list.</param>
    /// <param name="resource">For which resource.</param>
    /// <param name="entries">Entries by field name, in the order of the request; the number in an entry is ignored.</param>
    /// <param name="etag">Etag of the list they were made from.</param>
    public static Result<GovernanceDecision<SharingList>> Update(
        GovernanceState state, DepartmentId department, ResourceId resource, IReadOnlyList<(string Field, SharingEntry Entry)> entries, string etag)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(entries);
        ArgumentNullException.ThrowIfNull(etag);
        if (Find(state, department, resource) is { } refusal)
        {
            return refusal;
        }

        var definition = state.Resources[resource.Value];
        List<FieldViolation> violations = [];
        List<SharingEntry> checkedEntries = [];
        foreach (var (index, (name, entry)) in entries.Index())
        {
            var path = $"sharing_list.entries[{index}]";
            if (!definition.TryGetField(name, out var field))
            {
                violations.Add(new($"{path}.field", "UNKNOWN_FIELD", $"resource `{resource}` has no field `{name}`"));
                continue;
            }

            if (checkedEntries.Exists(other => other.FieldNumber == field.Number))
            {
                violations.Add(new($"{path}.field", "DUPLICATE", $"`{name}` stands here twice"));
            }

            if (field.Owner is OwnerRule.Department { Id: var owner } && owner != department)
            {
                violations.Add(new($"{path}.field", "NOT_OWNER", $"`{name}` belongs to `{owner}`"));
            }

            // One that stood before a rule came stands.
            if (!state.SharingListOf(department, resource).TryGetEntry(field.Number, out var standing) || standing != entry with { FieldNumber = field.Number })
            {
                Check(definition, field, entry, path, violations);
            }

            checkedEntries.Add(entry with { FieldNumber = field.Number });
        }

        if (violations.Count > 0)
        {
            return Refusal.Invalid(violations);
        }

        var current = state.SharingListOf(department, resource);
        ImmutableArray<SharingEntry> sorted = [.. checkedEntries.OrderBy(entry => entry.FieldNumber)];
        if (current.Entries.AsSpan().SequenceEqual(sorted.AsSpan()))
        {
            return new GovernanceDecision<SharingList>(current, null);
        }

        if (etag.Length > 0 && etag != current.Etag)
        {
            return new Refusal(RefusalReason.StaleEtag, $"the sharing list of `{department}` for `{resource}` has changed: read it again and retry")
            {
                Metadata = new Dictionary<string, string> { ["department"] = department.Value, ["resource"] = resource.Value },
            };
        }

        var next = current with { Entries = sorted, Revision = current.Revision + 1 };
        return new GovernanceDecision<SharingList>(next, new GovernanceEvent.SharingListChanged(next));
    }

    /// <summary>Why there is no such sharing list; null when there is one.</summary>
    public static Refusal? Find(GovernanceState state, DepartmentId department, ResourceId resource)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (!state.Departments.ContainsKey(department.Value))
        {
            return new Refusal(RefusalReason.DepartmentNotFound, $"there is no department `{department}`")
            {
                Metadata = new Dictionary<string, string> { ["department"] = department.Value },
            };
        }

        return ResourceLookup.Published(state, resource).Refusal;
    }

    private static void Check(ResourceDefinition definition, FieldDefinition field, SharingEntry entry, string path, List<FieldViolation> violations)
    {
        void Add(string part, string reason, string message) => violations.Add(new($"{path}.{part}", reason, message));

        if (!Enum.IsDefined(entry.Level) || entry.Level is Level.Unspecified)
        {
            Add("level", "REQUIRED", "give a level from 1 to 4");
        }
        else if (entry.Level > Level.Internal && FieldCheck.SteersAccess(definition.Fields, field))
        {
            Add("level", "STEERS_ACCESS", "a confidentiality flag or a field that names an owner has level 1 or 2, for rules must be able to read it");
        }

        if (!Enum.IsDefined(entry.SharingClass) || entry.SharingClass is SharingClass.Unspecified)
        {
            Add("sharing_class", "REQUIRED", "give UNCONDITIONAL, CONDITIONAL or NOT_SHARED");
        }

        if (!Enum.IsDefined(entry.OpenClass) || entry.OpenClass is OpenClass.Unspecified)
        {
            Add("open_class", "REQUIRED", "give UNCONDITIONAL, CONDITIONAL or NOT_OPEN");
        }

        if (!Enum.IsDefined(entry.UpdateCycle))
        {
            Add("update_cycle", "UNKNOWN_VALUE", "give one of the update cycles");
        }

        if (!Enum.IsDefined(entry.SharingMode))
        {
            Add("sharing_mode", "UNKNOWN_VALUE", "give one of the sharing modes");
        }

        SharingTermsRules.Check(entry.SharingClass, entry.OpenClass, entry.Terms, Add);
        if (MaskRules.Check(entry.Mask, field.Type) is { Message: var complaint })
        {
            Add("mask", "MASK_NOT_APPLICABLE", complaint);
        }
    }
}
