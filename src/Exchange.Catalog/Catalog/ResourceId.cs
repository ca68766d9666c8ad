namespace Exchange.Catalog;

/// <summary>Names a resource: 2 to 40 of `a-z 0-9 _`, starting with a letter. Also the name of its subject table.</summary>
public readonly record struct ResourceId(string Value)
{
    /// <summary>True when the text has an id's shape.</summary>
    public static bool IsValid(string? text) => Syntax.IsId(text, 2, 40, "_");

    /// <inheritdoc/>
    public override string ToString() => Value ?? "";
}
