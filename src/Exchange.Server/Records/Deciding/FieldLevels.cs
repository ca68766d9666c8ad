using System.Collections.Concurrent;
using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Policy.Conditions;

namespace Exchange.Server.Records.Deciding;

/// <summary>
/// Which fields of a resource are sealed in the log: those of levels 3 and 4 on the sharing list of their owner, who depends on the record. For
/// one state of governance.
/// </summary>
internal sealed class FieldLevels(GovernanceState state, ResourceDefinition resource)
{
    private readonly ConcurrentDictionary<DepartmentId, bool[]> byOwner = new();
    private readonly bool[] byDefault = [.. resource.Fields.Select(field => field.IsSealed)];

    private readonly Lazy<bool[]> byAny = new(() => ForAny(state, resource));

    /// <summary>True when the field is sealed for some owner.</summary>
    public bool MayBeSealed(int fieldIndex) => byAny.Value[fieldIndex];

    /// <summary>True when the field is sealed in a record of this opener whose values are these.</summary>
    public bool IsSealed(int fieldIndex, DepartmentId opener, ReadOnlySpan<FieldValue> values) =>
        Owner(resource.Fields[fieldIndex], opener, values) is { } owner
            ? byOwner.GetOrAdd(owner, Levels)[fieldIndex]
            : byDefault[fieldIndex];

    private static bool[] ForAny(GovernanceState state, ResourceDefinition resource) =>
        [.. resource.Fields.Select(field => field.IsSealed || state.SharingLists.Any(
            list => list.Key.Resource == resource.Id && list.Value.TryGetEntry(field.Number, out var entry) && IsSealed(entry.Level)))];

    private static bool IsSealed(Level level) => level is Level.Sensitive or Level.HighlySensitive;

    private DepartmentId? Owner(FieldDefinition field, DepartmentId opener, ReadOnlySpan<FieldValue> values) => field.Owner switch
    {
        OwnerRule.Department department => department.Id,
        OwnerRule.Opener => opener,
        OwnerRule.DepartmentField named => values[resource.IndexOf(named.FieldName)] is { IsMissing: false } value ? new DepartmentId(value.AsText) : null,
        _ => throw new System.Diagnostics.UnreachableException($"owner rule {field.Owner}"),
    };

    private bool[] Levels(DepartmentId owner) =>
        [.. resource.Fields.Select(field => IsSealed(state.SharingOf(owner, resource.Id, field).Level))];
}
