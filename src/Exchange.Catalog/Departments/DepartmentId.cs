namespace Exchange.Catalog;

/// <summary>Names a department: 2 to 40 of `a-z 0-9 -`, starting with a letter.</summary>
public readonly record struct DepartmentId(string Value)
{
    /// <summary>True when the text has an id's shape.</summary>
    public static bool IsValid(string? text) => Syntax.IsId(text, 2, 40, "-");

    /// <inheritdoc/>
    public override string ToString() => Value ?? "";
}
