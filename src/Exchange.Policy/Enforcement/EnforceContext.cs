namespace Exchange.Policy.Enforcement;

/// <summary>Which of a model's definitions a decision uses.</summary>
public sealed record EnforceContext(string Request, string Policy, string Effect, string Matcher)
{
    /// <summary>`r`, `p`, `e`, `m`.</summary>
    public static EnforceContext Default { get; } = new("r", "p", "e", "m");

    /// <summary>All four with a number: `r2`, `p2`, `e2`, `m2`.</summary>
    public static EnforceContext Numbered(int number) => new($"r{number}", $"p{number}", $"e{number}", $"m{number}");
}
