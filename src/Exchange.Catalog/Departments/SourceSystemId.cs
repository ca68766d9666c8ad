namespace Exchange.Catalog;

/// <summary>Names a system whose records a department opens: 1 to 40 of `a-z 0-9 - _`, starting with a letter; of one department in the hub.</summary>
public readonly record struct SourceSystemId(string Value)
{
    /// <summary>True when the text has an id's shape.</summary>
    public static bool IsValid(string? text) => Syntax.IsId(text, 1, 40, "-_");

    /// <inheritdoc/>
    public override string ToString() => Value ?? "";
}
