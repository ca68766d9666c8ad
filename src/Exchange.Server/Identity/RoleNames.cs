using Exchange.Catalog;

namespace Exchange.Server.Identity;

/// <summary>Roles as access tokens and messages write them.</summary>
internal static class RoleNames
{
    /// <summary>True for roles that reach over the whole hub, which only the hub gives.</summary>
    public static bool IsHubWide(Role role) => role is Role.Operator or Role.Auditor;

    /// <summary>The role's word.</summary>
    public static string ToText(Role role) => role switch
    {
        Role.DepartmentSystem => "department-system",
        Role.Steward => "steward",
        Role.Auditor => "auditor",
        Role.Operator => "operator",
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, "is not a role"),
    };
}
