using Exchange.Catalog;

namespace Exchange.Server.Identity;

/// <summary>Roles as access tokens and messages write them.</summary>
internal static class RoleNames
{
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
