namespace Exchange.Policy.Roles;

/// <summary>One row of a role relation: the name has the role, in a domain (empty where the relation has none).</summary>
internal readonly record struct RoleLink(string Name, string Role, string Domain);
