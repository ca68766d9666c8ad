using Exchange.Catalog.Governance;
using Exchange.Policy.Masks;

namespace Exchange.Catalog.Tests.Access.Plans;

/// <summary>
/// The base rules read from their text and applied to one record and one field at a time, slowly and plainly. Written
/// without the compiler's conditions, rules or order, so that both may be compared.
/// </summary>
internal static class AccessInterpreter
{
    /// <summary>The mask through which the caller sees the field of the row; null when it does not see it.</summary>
    public static Mask? See(GovernanceState state, DepartmentId caller, Purpose purpose, FieldDefinition field, CityRow row, DateTimeOffset now)
    {
        // A policy that errors denies: a grant that might speak for this field, but cannot be read, closes the field.
        if (Grants(state, caller, purpose, field, now).Any(grant => FilterOf(grant) is null && MightSpeakFor(state, grant, field)))
        {
            return null;
        }

        // A confidential complaint's person fields are null for all but the opener; deny overrides allow.
        if (field.Role is FieldRole.Person && row.IsConfidential && row.Opener != caller.Value)
        {
            return null;
        }

        // The owner reads what it owns.
        var owner = OwnerOf(field, row);
        if (owner == caller.Value)
        {
            return Mask.None;
        }

        // Level and classes stand on the owner's sharing list, with the resource's entry as default.
        var (sharingClass, mask) = (field.SharingClass, field.Mask);
        if (owner is not null && state.SharingLists.TryGetValue(new SharingListKey(new DepartmentId(owner), RandomCity.Resource), out var list)
            && list.Entries.FirstOrDefault(entry => entry.FieldNumber == field.Number) is { } own)
        {
            (sharingClass, mask) = (own.SharingClass, own.Mask.IsUnspecified ? field.Mask : own.Mask);
        }

        // NOT_SHARED is refused.
        if (sharingClass is SharingClass.NotShared)
        {
            return null;
        }

        // A grant of the owner for that field and purpose opens the rows of its filter; its mask overrides.
        var masks = Grants(state, caller, purpose, field, now)
            .Where(grant => grant.Owner.Value == owner && FilterOf(grant)!(row))
            .OrderBy(grant => grant.Id.Value, StringComparer.Ordinal)
            .Select(grant => Given(grant.Mask.IsUnspecified ? mask : grant.Mask))
            .ToList();
        if (masks.Count > 0)
        {
            return masks.Contains(Mask.None) ? Mask.None : masks[0];
        }

        // UNCONDITIONAL is readable by every department inside the hub. Everything else is denied.
        return sharingClass is SharingClass.Unconditional ? Given(mask) : null;
    }

    private static Mask Given(Mask mask) => mask.IsUnspecified ? Mask.None : mask;

    private static string? OwnerOf(FieldDefinition field, CityRow row) => field.Owner switch
    {
        OwnerRule.Department fixedOwner => fixedOwner.Id.Value,
        OwnerRule.Opener => row.Opener,
        OwnerRule.DepartmentField named => row[named.FieldName],
        _ => throw new ArgumentOutOfRangeException(nameof(field)),
    };

    private static Func<CityRow, bool>? FilterOf(Grant grant) => RandomCity.RowFilters.Single(filter => filter.Text == grant.RowFilter).Holds;

    private static IEnumerable<Grant> Grants(GovernanceState state, DepartmentId caller, Purpose purpose, FieldDefinition field, DateTimeOffset now) =>
        state.Grants.Values.Where(grant =>
            grant.Reader == caller && grant.Owner != caller && grant.RevokeTime is null && now < grant.ExpireTime
            && grant.Purposes.Contains(purpose) && grant.Fields.Contains(field.Name));

    private static bool MightSpeakFor(GovernanceState state, Grant grant, FieldDefinition field) =>
        (field.Owner is not OwnerRule.Department fixedOwner || fixedOwner.Id == grant.Owner)
        && state.SharingOf(grant.Owner, RandomCity.Resource, field).SharingClass is not SharingClass.NotShared;
}
