namespace Exchange.Catalog;

/// <summary>Names an agreement of a department: 2 to 40 of `a-z 0-9 -`, starting with a letter.</summary>
/// <param name="Department">Whose.</param>
/// <param name="Value">Which.</param>
public readonly record struct AgreementId(DepartmentId Department, string Value)
{
    /// <summary>True when the text has the shape of an agreement's own id.</summary>
    public static bool IsValid(string? text) => Syntax.IsId(text, 2, 40, "-");

    /// <inheritdoc/>
    public override string ToString() => $"{Department}/{Value}";
}
