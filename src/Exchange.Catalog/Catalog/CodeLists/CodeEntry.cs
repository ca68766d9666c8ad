namespace Exchange.Catalog;

/// <summary>One code of a list.</summary>
public sealed record CodeEntry
{
    /// <summary>The code itself, 1 to 100 characters.</summary>
    public required string Code { get; init; }

    /// <summary>English name.</summary>
    public string DisplayName { get; init; } = "";

    /// <summary>Chinese name.</summary>
    public string DisplayNameZh { get; init; } = "";

    /// <summary>True when new values may no longer use it.</summary>
    public bool Retired { get; init; }
}
