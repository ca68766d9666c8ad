namespace Exchange.Catalog;

/// <summary>Node of the catalog tree 类/项/目/细目.</summary>
public sealed record Category
{
    /// <summary>Its code.</summary>
    public required CategoryCode Code { get; init; }

    /// <summary>English name, 1 to 200 characters.</summary>
    public required string DisplayName { get; init; }

    /// <summary>Chinese name, at most 200 characters.</summary>
    public string DisplayNameZh { get; init; } = "";

    /// <summary>Category above; null at the top. Never changes.</summary>
    public CategoryCode? Parent { get; init; }
}
