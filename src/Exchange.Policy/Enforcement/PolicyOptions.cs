using System.Collections.Immutable;
using Exchange.Policy.Matchers;
using Exchange.Policy.Roles;

namespace Exchange.Policy.Enforcement;

/// <summary>What Casbin sets on an enforcer beside model and policy.</summary>
public sealed record PolicyOptions
{
    /// <summary>Casbin's defaults.</summary>
    public static PolicyOptions Default { get; } = new();

    /// <summary>The functions matchers may call.</summary>
    public PolicyFunctions Functions { get; init; } = PolicyFunctions.Casbin;

    /// <summary>Role relations (`g`, `g2`, …) whose names or domains are patterns.</summary>
    public ImmutableDictionary<string, RolePatterns> RolePatterns { get; init; } = ImmutableDictionary<string, RolePatterns>.Empty;

    /// <summary>How many steps a role is inherited over. Default 10, as in Casbin.</summary>
    public int MaxHierarchyLevel { get; init; } = 10;
}
