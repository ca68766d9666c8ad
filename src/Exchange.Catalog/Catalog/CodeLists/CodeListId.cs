namespace Exchange.Catalog;

/// <summary>Names a code list: 2 to 60 of `a-z 0-9 -`, starting with a letter.</summary>
public readonly record struct CodeListId(string Value)
{
    /// <summary>True when the text has an id's shape.</summary>
    public static bool IsValid(string? text) => Syntax.IsId(text, 2, 60, "-");

    /// <inheritdoc/>
    public override string ToString() => Value ?? "";
}
