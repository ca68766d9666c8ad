using System.Collections.Immutable;

namespace Exchange.Catalog.Records;

/// <summary>
/// Parts what one push proposes of a record into proposals with one owner each, now and later: fields of the opener and of fixed departments by department, fields
/// whose owner another field names by that field.
/// </summary>
public static class ProposalParts
{
    /// <summary>The proposals, each by ascending field index, in the order of their first fields.</summary>
    public static ImmutableArray<ImmutableArray<ProposedValue>> Of(ResourceDefinition resource, DepartmentId opener, ImmutableArray<ProposedValue> proposed)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return [.. proposed.GroupBy(value => KeyOf(resource.Fields[value.FieldIndex].Owner, opener)).Select(part => part.ToImmutableArray())];
    }

    private static (string Department, string Field) KeyOf(OwnerRule rule, DepartmentId opener) => rule switch
    {
        OwnerRule.Department { Id: var id } => (id.Value, ""),
        OwnerRule.DepartmentField { FieldName: var name } => ("", name),
        _ => (opener.Value, ""),
    };
}
