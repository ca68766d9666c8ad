using Exchange.Catalog.Governance;
using Exchange.Policy.Language;

namespace Exchange.Catalog.Policies;

/// <summary>What a row's subject and object reach, told without the engine: never less than what the row matches.</summary>
internal static class PolicyReach
{
    private const string Departments = "departments";
    private const string Categories = "categories";
    private const string Resources = "resources";
    private const string Levels = "levels";

    /// <summary>False when the row's object lies outside the resource, or a department forbids what another one keeps.</summary>
    public static bool MayTouch(PolicyRow row, ResourceDefinition resource, GovernanceState state) => Counts(row, resource) && row.Object.Split('/') switch
    {
        [Resources, var id, ..] => id == resource.Id.Value,
        [Categories, var code] => resource.Category is { } category && CategoriesAbove(state, category).Contains(code),
        _ => true,
    };

    /// <summary>False when the row's object lies outside the field of the resource.</summary>
    public static bool MayTouch(PolicyRow row, ResourceDefinition resource, FieldDefinition field, GovernanceState state) =>
        MayTouch(row, resource, state) && MayName(row, field);

    /// <summary>False when the row's object is another field of its resource.</summary>
    public static bool MayName(PolicyRow row, FieldDefinition field) => row.Object.Split('/') is not [Resources, _, "fields", var name] || name == field.Name;

    /// <summary>False when the department's machines are not among the row's subject.</summary>
    public static bool MayConcern(PolicyRow row, Department department, GovernanceState state) => row.Subject.Split('/') switch
    {
        [Departments, var id] => DepartmentsAbove(state, department.Id).Contains(id),
        [Levels, var level] => PolicySubject.WordOf(department.Level) == level,
        ["roles", var role] => role == PolicySubject.WordOf(Role.DepartmentSystem),
        _ => true,
    };

    private static bool Counts(PolicyRow row, ResourceDefinition resource) =>
        row.Effect is not RuleEffect.Deny || row.Department is null || row.Department == resource.Department;

    // Both end where a cycle begins.
    private static HashSet<string> DepartmentsAbove(GovernanceState state, DepartmentId id) =>
        Above(id.Value, code => state.Departments.GetValueOrDefault(code)?.Parent?.Value);

    private static HashSet<string> CategoriesAbove(GovernanceState state, CategoryCode code) =>
        Above(code.Value, id => state.Categories.GetValueOrDefault(id)?.Parent?.Value);

    private static HashSet<string> Above(string id, Func<string, string?> parent)
    {
        HashSet<string> above = new(StringComparer.Ordinal);
        for (string? current = id; current is not null && above.Add(current);)
        {
            current = parent(current);
        }

        return above;
    }
}
