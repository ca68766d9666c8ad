namespace Exchange.Clients.Files;

/// <summary>One cell as it stands in the file: text, a list (JSON only), a problem, or nothing.</summary>
/// <param name="Text">The text; null when missing, a list or unreadable. Never empty.</param>
/// <param name="Items">The items of a JSON array; null otherwise.</param>
/// <param name="Problem">Why it cannot be read; null when it can.</param>
public readonly record struct SourceCell(string? Text, IReadOnlyList<string>? Items = null, RowProblem? Problem = null)
{
    /// <summary>True when the cell is empty or not there.</summary>
    public bool IsMissing => Text is null && Items is null && Problem is null;
}
