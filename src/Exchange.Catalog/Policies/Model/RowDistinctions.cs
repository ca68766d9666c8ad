using System.Collections.Immutable;
using Exchange.Policy.Language;

namespace Exchange.Catalog.Policies;

/// <summary>
/// What a row can tell apart. A plan asks the policy about these owners and fields one by one, and about all others at once.
/// </summary>
/// <param name="Departments">Owners it names, and the department whose steward permits by it.</param>
/// <param name="IsParent">True when it compares the owner with the department above the caller.</param>
/// <param name="IsEveryOwner">True when it asks for the owner in a way that only trying every department can tell.</param>
/// <param name="IsEveryField">True when it may ask for the field.</param>
internal sealed record RowDistinctions(ImmutableArray<DepartmentId> Departments, bool IsParent, bool IsEveryOwner, bool IsEveryField)
{
    /// <summary>The distinctions of a row. Conservative: every owner where the condition is not a plain comparison.</summary>
    public static RowDistinctions Of(PolicyRow row)
    {
        var departments = ImmutableArray.CreateBuilder<DepartmentId>();
        var (isParent, isEveryOwner, isEveryField) = (false, false, false);
        foreach (var asked in HubModel.Asked(row.Condition).Where(asked => asked.Of is "object"))
        {
            isEveryField |= asked.Name is null or "field" or "name";
            switch (asked)
            {
                case { Name: "owner", EqualText: { } id } when DepartmentId.IsValid(id):
                    departments.Add(new DepartmentId(id));
                    break;
                case { Name: "owner", EqualAttribute: { Of: "caller", Name: "department" or "parent" } of }:
                    isParent |= of.Name is "parent";
                    break;
                default:
                    isEveryOwner |= asked.Name is null or "owner";
                    break;
            }
        }

        if (row is { Effect: RuleEffect.Allow, Department: { } setter })
        {
            departments.Add(setter);
        }

        return new(departments.ToImmutable(), isParent, isEveryOwner, isEveryField);
    }
}
