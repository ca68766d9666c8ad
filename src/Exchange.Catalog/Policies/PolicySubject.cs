namespace Exchange.Catalog;

/// <summary>The words of policy rows for callers, as the hub's model and its `g` rows use them.</summary>
public static class PolicySubject
{
    /// <summary>Everybody.</summary>
    public const string Everybody = "*";

    /// <summary>The levels by their words.</summary>
    public static IReadOnlyList<AdministrativeLevel> Levels { get; } = [.. Enum.GetValues<AdministrativeLevel>().Where(level => level is not AdministrativeLevel.Unspecified)];

    /// <summary>The roles that may stand in a row.</summary>
    public static IReadOnlyList<Role> Roles { get; } = [Role.DepartmentSystem, Role.Steward, Role.Auditor, Role.Operator];

    /// <summary>`departments/{id}`.</summary>
    public static string Of(DepartmentId department) => $"departments/{department}";

    /// <summary>`levels/{level}`.</summary>
    public static string Of(AdministrativeLevel level) => $"levels/{WordOf(level)}";

    /// <summary>`roles/{role}`.</summary>
    public static string Of(Role role) => $"roles/{WordOf(role)}";

    /// <summary>`city`, `district`, …</summary>
    public static string WordOf(AdministrativeLevel level) => PolicyWords.Kebab(level);

    /// <summary>`department-system`, `steward`, …</summary>
    public static string WordOf(Role role) => PolicyWords.Kebab(role);
}
