namespace Exchange.Catalog;

/// <summary>
/// Who may see how a field's values meet a rule. A share moves with each record that changes: who watches it learns of that record's value. So others than the owner
/// see it only of fields that every department reads as they are, in every record, by class, level and mask. Policy rows that hide more are not asked.
/// </summary>
public static class QualitySight
{
    /// <summary>Fewer records are shown to the owner alone.</summary>
    public const int LeastRecords = 20;

    /// <summary>True when the caller's department may see the score of a rule for an owner's records.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="lists">All departments' sharing lists for it.</param>
    /// <param name="rule">The rule, with its field.</param>
    /// <param name="owner">Whose records are scored.</param>
    /// <param name="caller">Department of the caller.</param>
    /// <param name="records">How many records the rule applies to.</param>
    public static bool Shows(ResourceDefinition resource, IEnumerable<SharingList> lists, MeasuredRule rule, DepartmentId owner, DepartmentId caller, long records)
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(rule);

        // What the rule looks into besides the field may be another's, even for the owner.
        var isOwner = owner == caller;
        if (rule.Rule is QualityRule.Timeliness { After: { Length: > 0 } name }
            && (!resource.TryGetField(name, out var after) || !((isOwner && after.Owner == rule.Field.Owner) || IsOpenToAll(lists, after))))
        {
            return false;
        }

        // How many records a department owns tells of the field that names the owner.
        return isOwner
            || (records >= LeastRecords
                && IsOpenToAll(lists, rule.Field)
                && (rule.Field.Owner is not OwnerRule.DepartmentField { FieldName: var naming } || (resource.TryGetField(naming, out var names) && IsOpenToAll(lists, names))));
    }

    // By the defaults and by every department's own list.
    private static bool IsOpenToAll(IEnumerable<SharingList> lists, FieldDefinition field) =>
        field is { Role: not FieldRole.Person, SharingClass: SharingClass.Unconditional, Level: Level.Public or Level.Internal }
        && !Hides(field.Mask)
        && lists.All(list => !list.TryGetEntry(field.Number, out var entry)
            || (entry is { SharingClass: SharingClass.Unconditional, Level: Level.Public or Level.Internal } && !Hides(entry.Mask)));

    private static bool Hides(Mask mask) => !mask.IsUnspecified && mask.Kind is not MaskKind.None;
}
