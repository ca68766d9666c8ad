using Exchange.Catalog;
using Exchange.Catalog.Access;
using Exchange.Catalog.Governance;
using Exchange.Policy.Language;
using Exchange.Policy.Masks;

namespace Exchange.Testing.Access;

/// <summary>
/// The rules read from their text and applied to one record and one field at a time, slowly and plainly. Written without the
/// engine, the compiler's conditions, rules or order, so that both may be compared. A mistake makes one rule wrong, to show that
/// the comparison finds it.
/// </summary>
internal sealed class AccessInterpreter(
    GovernanceState state, DepartmentId caller, PolicyAction action, Purpose purpose, DateTimeOffset now, Mistake mistake = Mistake.None, string? network = null)
{
    private readonly Department _caller = state.Departments[caller.Value];

    /// <summary>The mask through which the caller sees the field of the row; null when it does not see it.</summary>
    public Mask? See(FieldDefinition field, CityRow row)
    {
        // A policy that errors denies: a grant that might speak for this field, but cannot be read, closes the field.
        if (Grants(field).Any(grant => FilterOf(grant) is null && MightSpeakFor(grant, field)))
        {
            return null;
        }

        // Level and classes stand on the owner's sharing list, with the resource's entry as default.
        var owner = OwnerOf(field, row);
        var entry = EntryOf(owner, field);
        var grants = entry.SharingClass is SharingClass.NotShared ? [] : Grants(field).Where(grant => grant.Owner.Value == owner && FilterOf(grant)!(row)).ToList();
        var known = owner is not null && state.Departments.ContainsKey(owner) ? owner : "";
        var asked = new Question(_caller, known, field, entry, grants.Count > 0, purpose, network);

        var verdicts = BaseRules(asked, row, grants).Concat(state.PolicyRows.Values.Select(set => Ask(set, asked, row))).OfType<Verdict>().ToList();
        if (verdicts.Exists(verdict => verdict.Failed && mistake is not Mistake.FailuresAreSkipped))
        {
            return null;
        }

        // A forbid goes before every permit. Of several permits one that hides nothing is heeded, then the base rules', then by mask and id.
        var permits = verdicts.Where(verdict => verdict is { Failed: false, Permits: true })
            .OrderBy(permit => permit.Mask.Hides).ThenBy(permit => permit.IsSet)
            .ThenBy(permit => permit.IsSet ? permit.Mask.Kind : default).ThenBy(permit => permit.IsSet ? permit.Mask.Parameter : 0)
            .ThenBy(permit => permit.Id, StringComparer.Ordinal)
            .ToList();
        return permits is [] || (verdicts.Exists(verdict => verdict is { Failed: false, Permits: false }) && mistake is not Mistake.PermitsGoFirst) ? null : permits[0].Mask;
    }

    /// <summary>True when a row that was set forbids to push the field, of the record as it reads in the row, or fails there.</summary>
    public bool Forbids(FieldDefinition field, CityRow row)
    {
        var owner = OwnerOf(field, row);
        var known = owner is not null && state.Departments.ContainsKey(owner) ? owner : "";
        var asked = new Question(_caller, known, field, EntryOf(owner, field), false, purpose, network);
        return state.PolicyRows.Values.Select(set => Ask(set, asked, row)).OfType<Verdict>().Any(verdict => !verdict.Permits || (verdict.Failed && mistake is not Mistake.FailuresAreSkipped));
    }

    private IEnumerable<Verdict> BaseRules(Question asked, CityRow row, List<Grant> grants)
    {
        // A confidential complaint's person fields are null for all but the opener.
        if (asked.Field.Role is FieldRole.Person && row.IsConfidential && row.Opener != caller.Value)
        {
            yield return new("confidential", false);
        }

        // The owner reads what it owns.
        if (asked.Owner == caller.Value)
        {
            yield return new("owner", true) { Mask = Mask.None };
        }

        // NOT_SHARED is refused.
        if (asked.Entry.SharingClass is SharingClass.NotShared && asked.Owner != caller.Value)
        {
            yield return new("not-shared", false);
        }

        // A grant of the owner for that field and purpose opens the rows of its filter; its mask goes before the list's.
        foreach (var grant in grants)
        {
            yield return new(grant.Id.Value, true) { Mask = grant.Mask.Or(asked.Entry.Mask).Or(Mask.None) };
        }

        // UNCONDITIONAL is readable by every department inside the hub.
        if (asked.Entry.SharingClass is SharingClass.Unconditional && grants.Count is 0)
        {
            yield return new("unconditional", true) { Mask = asked.Entry.Mask.Or(Mask.None) };
        }
    }

    // What a row that was set says; null when it says nothing.
    private Verdict? Ask(PolicyRow set, Question asked, CityRow row)
    {
        var isPermit = set.Effect is RuleEffect.Allow;
        var owners = isPermit || mistake is Mistake.ForbidsCountForTheOwner ? asked.Owner : state.Resources[RandomCity.Resource.Value].Department.Value;
        if (!set.Actions.Contains(action) || !IsSubject(set.Subject) || !IsObject(set.Object, asked.Field)
            || (set.Department is { } department && department.Value != owners && !(isPermit && mistake is Mistake.PermitsCountEverywhere)))
        {
            return null;
        }

        var (holds, filter) = (RandomRows.Conditions.Single(condition => condition.Text == set.Condition), RandomRows.RowFilters.Single(filter => filter.Text == set.RowFilter));
        if (holds.Holds(asked) is not { } applies)
        {
            return new(set.Id.Value, isPermit) { Failed = true };
        }

        if (!applies)
        {
            return null;
        }

        var mask = set.Mask.Or(asked.Entry.Mask).Or(Mask.None);
        if (filter.Holds is null || (isPermit && MaskRules.Check(mask, asked.Field.Type) is not null))
        {
            return new(set.Id.Value, isPermit) { Failed = true };
        }

        return filter.Holds(row, _caller) ? new(set.Id.Value, isPermit) { Mask = mask, IsSet = true } : null;
    }

    private bool IsSubject(string subject) => subject.Split('/') switch
    {
        ["*"] => true,
        ["roles", var role] => role == "department-system",
        ["levels", var level] => LevelsAbove().Contains(level),
        ["departments", var id] => Lineage().Any(department => department.Id.Value == id),
        _ => false,
    };

    private IEnumerable<string> LevelsAbove() => (mistake is Mistake.LevelsAreInherited ? Lineage() : [_caller]).Select(department => department.Level.ToString().ToLowerInvariant());

    private IEnumerable<Department> Lineage()
    {
        for (var at = _caller; at is not null; at = at.Parent is { } parent ? state.Departments[parent.Value] : null)
        {
            yield return at;
        }
    }

    private static bool IsObject(string name, FieldDefinition field) =>
        name is "*" or "resources/complaint" or $"categories/{RandomRows.Category}" or $"categories/{RandomRows.CategoryAbove}" || name == $"resources/complaint/fields/{field.Name}";

    private SharingEntry EntryOf(string? owner, FieldDefinition field)
    {
        var byDefault = new SharingEntry { FieldNumber = field.Number, Level = field.Level, SharingClass = field.SharingClass, OpenClass = field.OpenClass, Mask = field.Mask };
        var own = owner is not null && state.SharingLists.TryGetValue(new SharingListKey(new DepartmentId(owner), RandomCity.Resource), out var list)
            ? list.Entries.FirstOrDefault(entry => entry.FieldNumber == field.Number)
            : null;
        return own is null ? byDefault : own with { Mask = own.Mask.Or(field.Mask) };
    }

    private static string? OwnerOf(FieldDefinition field, CityRow row) => field.Owner switch
    {
        OwnerRule.Department fixedOwner => fixedOwner.Id.Value,
        OwnerRule.Opener => row.Opener,
        OwnerRule.DepartmentField named => row[named.FieldName],
        _ => throw new ArgumentOutOfRangeException(nameof(field)),
    };

    private static Func<CityRow, bool>? FilterOf(Grant grant) => RandomCity.RowFilters.Single(filter => filter.Text == grant.RowFilter).Holds;

    private IEnumerable<Grant> Grants(FieldDefinition field) => state.Grants.Values.Where(grant =>
        grant.Reader == caller && grant.Owner != caller && grant.RevokeTime is null && now < grant.ExpireTime
        && grant.Purposes.Contains(purpose) && grant.Fields.Contains(field.Name));

    private bool MightSpeakFor(Grant grant, FieldDefinition field) =>
        (field.Owner is not OwnerRule.Department fixedOwner || fixedOwner.Id == grant.Owner)
        && state.SharingOf(grant.Owner, RandomCity.Resource, field).SharingClass is not SharingClass.NotShared;

    private sealed record Verdict(string Id, bool Permits)
    {
        public Mask Mask { get; init; }

        public bool IsSet { get; init; }

        public bool Failed { get; init; }
    }
}

/// <summary>What an interpreter may get wrong.</summary>
public enum Mistake
{
    None,
    PermitsGoFirst,
    FailuresAreSkipped,
    PermitsCountEverywhere,
    ForbidsCountForTheOwner,
    LevelsAreInherited,
}
