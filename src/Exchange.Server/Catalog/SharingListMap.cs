using System.Globalization;
using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Server.Departments;
using Exchange.Server.Governance;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Catalog;

/// <summary>Turns sharing lists into messages and back. Stored lists name fields by `#number`, which outlives a field's name.</summary>
internal static class SharingListMap
{
    /// <summary>The name of a sharing list.</summary>
    public static string NameOf(DepartmentId department, ResourceId resource) => $"{DepartmentMap.NameOf(department)}/sharingLists/{resource}";

    /// <summary>Own entries, and the resource's defaults where the department has none, in the order of field numbers. Only fields the department can own.</summary>
    public static Proto.SharingList ToProto(this SharingList list, GovernanceState state)
    {
        var resource = state.LastResource(list.Resource)!; // it may have been revoked since the list was found
        var message = new Proto.SharingList { Name = NameOf(list.Department, list.Resource), Etag = list.Etag };
        foreach (var field in resource.Fields)
        {
            if (list.TryGetEntry(field.Number, out var own))
            {
                message.Entries.Add(ToProto(own, field.Name, inherited: false));
            }
            else if (!field.Retired && (field.Owner is not OwnerRule.Department { Id: var owner } || owner == list.Department))
            {
                var entry = state.SharingOf(list.Department, list.Resource, field) with { UpdateCycle = resource.UpdateCycle };
                message.Entries.Add(ToProto(entry, field.Name, inherited: true));
            }
        }

        return message;
    }

    /// <summary>The message's entries by field name, unchecked.</summary>
    public static IReadOnlyList<(string Field, SharingEntry Entry)> ToEntries(this Proto.SharingList list) =>
        [.. list.Entries.Select(entry => (entry.Field, ToDomain(entry, 0)))];

    /// <summary>The list as it is stored.</summary>
    public static Proto.SharingList ToStored(this SharingList list) => new()
    {
        Name = NameOf(list.Department, list.Resource),
        Etag = list.Etag,
        Entries = { list.Entries.Select(entry => ToProto(entry, string.Create(CultureInfo.InvariantCulture, $"#{entry.FieldNumber}"), inherited: false)) },
    };

    /// <summary>A stored list.</summary>
    public static SharingList FromStored(Proto.SharingList list)
    {
        var (department, resource) = ResourceNames.SharingList("name", list.Name).Value;
        return new SharingList
        {
            Department = department,
            Resource = resource,
            Revision = int.Parse(list.Etag.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture),
            Entries = [.. list.Entries.Select(entry => ToDomain(entry, int.Parse(entry.Field.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture)))],
        };
    }

    private static Proto.SharingEntry ToProto(SharingEntry entry, string field, bool inherited) => new()
    {
        Field = field,
        Level = (Proto.Level)entry.Level,
        SharingClass = (Proto.SharingClass)entry.SharingClass,
        Condition = entry.Terms.Condition,
        Basis = entry.Terms.Basis.ToProto(),
        SharingMode = (Proto.SharingMode)entry.SharingMode,
        OpenClass = (Proto.OpenClass)entry.OpenClass,
        OpenCondition = entry.Terms.OpenCondition,
        OpenBasis = entry.Terms.OpenBasis.ToProto(),
        UpdateCycle = (Proto.UpdateCycle)entry.UpdateCycle,
        Mask = entry.Mask.ToProto(),
        Inherited = inherited,
    };

    private static SharingEntry ToDomain(Proto.SharingEntry entry, int number) => new()
    {
        FieldNumber = number,
        Level = (Level)entry.Level,
        SharingClass = (SharingClass)entry.SharingClass,
        Terms = new SharingTerms
        {
            Condition = entry.Condition, Basis = entry.Basis.ToDomain(), OpenCondition = entry.OpenCondition, OpenBasis = entry.OpenBasis.ToDomain(),
        },
        SharingMode = (SharingMode)entry.SharingMode,
        OpenClass = (OpenClass)entry.OpenClass,
        UpdateCycle = (UpdateCycle)entry.UpdateCycle,
        Mask = entry.Mask.ToDomain(),
    };
}
