namespace Exchange.Policy.Roles;

/// <summary>Functions by which the names and domains of a role relation are patterns; null where they are plain.</summary>
public sealed record RolePatterns
{
    /// <summary>Function name (a Casbin function or a custom one of two arguments) that matches a name with a pattern among the relation's names.</summary>
    public string? Names { get; init; }

    /// <summary>Function name that matches a domain with a pattern among the relation's domains.</summary>
    public string? Domains { get; init; }
}
