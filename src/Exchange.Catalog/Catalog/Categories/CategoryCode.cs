namespace Exchange.Catalog;

/// <summary>Code of a node of the catalog tree: 1 to 60 of `a-z A-Z 0-9 . -`.</summary>
public readonly record struct CategoryCode(string Value)
{
    /// <summary>True when the text has a code's shape.</summary>
    public static bool IsValid(string? text) => Syntax.IsCategoryCode(text);

    /// <inheritdoc/>
    public override string ToString() => Value ?? "";
}
