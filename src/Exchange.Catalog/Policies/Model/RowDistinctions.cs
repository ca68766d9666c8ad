using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Exchange.Policy.Language;

namespace Exchange.Catalog.Policies;

/// <summary>
/// What a row can tell apart. A plan asks the policy about these owners and fields one by one, and about all others at once.
/// </summary>
/// <param name="Departments">Owners it names, and the department whose steward permits by it.</param>
/// <param name="IsParent">True when it compares the owner with the department above the caller.</param>
/// <param name="IsEveryOwner">True when it asks for the owner in a way that only trying every department can tell.</param>
/// <param name="IsEveryField">True when it may ask for the field.</param>
internal sealed partial record RowDistinctions(ImmutableArray<DepartmentId> Departments, bool IsParent, bool IsEveryOwner, bool IsEveryField)
{
    /// <summary>The distinctions of a row. Conservative: every owner where the condition is not a plain comparison.</summary>
    public static RowDistinctions Of(PolicyRow row)
    {
        var departments = ImmutableArray.CreateBuilder<DepartmentId>();
        var isParent = false;
        var rest = PlainComparison.Replace(row.Condition, match =>
        {
            isParent |= match.Groups["of"].Value is "parent";
            if (match.Groups["id"] is { Success: true, Value: var id })
            {
                departments.Add(new DepartmentId(id));
            }

            return "true";
        });
        if (row is { Effect: RuleEffect.Allow, Department: { } setter })
        {
            departments.Add(setter);
        }

        return new(
            departments.ToImmutable(),
            isParent,
            rest.Contains("owner", StringComparison.Ordinal) || departments.Contains(new DepartmentId("")),
            rest.Contains("field", StringComparison.Ordinal) || rest.Contains("name", StringComparison.Ordinal));
    }

    // The owner alone on the left, a text or an attribute of the caller alone on the right.
    [GeneratedRegex("""(?<=^|[(?:,]|&&|\|\|)\s*r\.object\.owner\s*[!=]=\s*('(?<id>[^'\\]*)'|"(?<id>[^"\\]*)"|r\.caller\.(?<of>department|parent)\b)(?=\s*($|[)?:,]|&&|\|\|))""")]
    private static partial Regex PlainComparison { get; }
}
