namespace Exchange.Catalog;

/// <summary>Names a policy row: 2 to 60 of `a-z 0-9 -`, starting with a letter. Base rows are named `base/…` and cannot be set.</summary>
public readonly record struct PolicyRowId(string Value)
{
    private const string BasePrefix = "base/";

    /// <summary>True for a row of the hub itself, which nobody sets or removes.</summary>
    public bool IsBase => Value?.StartsWith(BasePrefix, StringComparison.Ordinal) ?? false;

    /// <summary>True when the text has the shape of the id of a row that can be set.</summary>
    public static bool IsValid(string? text) => Syntax.IsId(text, 2, 60, "-");

    /// <inheritdoc/>
    public override string ToString() => Value ?? "";
}
