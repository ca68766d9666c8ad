using System.Collections.Immutable;
using Exchange.Catalog.Governance;
using Exchange.Policy.Matchers;

namespace Exchange.Catalog.Policies;

/// <summary>A caller as the hub's model sees it.</summary>
public sealed class CallerAttributes : IPolicyAttributes
{
    private readonly PolicyValue _department;
    private readonly PolicyValue _parent;
    private readonly PolicyValue _level;
    private readonly PolicyValue _role;

    private CallerAttributes(Department department, Role role)
    {
        (Department, Parent, Level, Attributes, Role) = (department.Id, department.Parent, department.Level, department.Attributes, role);
        Name = NameOf(department.Id, role);
        _department = department.Id.Value;
        _parent = department.Parent?.Value ?? "";
        _level = PolicySubject.WordOf(department.Level);
        _role = PolicySubject.WordOf(role);
    }

    /// <summary>What conditions may ask of every caller; beside it stand its department's attributes.</summary>
    public static ImmutableArray<string> Names { get; } = ["name", "department", "parent", "level", "role"];

    /// <summary>Its department.</summary>
    public DepartmentId Department { get; }

    /// <summary>The department above; null at the top.</summary>
    public DepartmentId? Parent { get; }

    /// <summary>Its department's level.</summary>
    public AdministrativeLevel Level { get; }

    /// <summary>Its department's attributes by name.</summary>
    public ImmutableSortedDictionary<string, string> Attributes { get; }

    /// <summary>Its role.</summary>
    public Role Role { get; }

    /// <summary>The caller of a registered department; null when there is no such department.</summary>
    public static CallerAttributes? Of(GovernanceState state, DepartmentId department, Role role)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state.Departments.TryGetValue(department.ToString(), out var registered) ? new(registered, role) : null;
    }

    /// <summary>Names of the attributes that some department has.</summary>
    internal static ImmutableSortedSet<string> NamesIn(GovernanceState state) =>
        state.Departments.Values.SelectMany(department => department.Attributes.Keys).ToImmutableSortedSet(StringComparer.Ordinal);

    /// <summary>The name by which the model's role relation knows it.</summary>
    internal string Name { get; }

    /// <summary>This, as a value of a request.</summary>
    internal PolicyValue AsValue => PolicyValue.Of(this);

    /// <inheritdoc/>
    public bool TryGetAttribute(string name, out PolicyValue value)
    {
        value = name switch
        {
            "name" => Name,
            "department" => _department,
            "parent" => _parent,
            "level" => _level,
            "role" => _role,
            _ => Attributes.TryGetValue(name, out var text) ? text : default(PolicyValue),
        };
        return value.Kind is not PolicyValueKind.Missing;
    }

    /// <summary>The name by which the model's role relation knows the callers of a department in a role.</summary>
    internal static string NameOf(DepartmentId department, Role role) => $"callers/{department}/{PolicySubject.WordOf(role)}";
}
