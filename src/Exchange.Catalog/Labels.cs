namespace Exchange.Catalog;

/// <summary>Texts for people. Names: English is required, Chinese optional, both at most 200 characters without control characters.</summary>
internal static class Labels
{
    private const int Most = 200;
    private const int LongestReason = 500;

    internal static void Check(List<FieldViolation> violations, string path, string displayName, string displayNameZh, int least = 1)
    {
        if (!Syntax.IsLabel(displayName, least, Most))
        {
            violations.Add(new($"{path}.display_name", "INVALID_TEXT", $"must be {least} to {Most} characters without control characters"));
        }

        if (!Syntax.IsLabel(displayNameZh, 0, Most))
        {
            violations.Add(new($"{path}.display_name_zh", "INVALID_TEXT", $"must be at most {Most} characters without control characters"));
        }
    }

    /// <summary>A reason that is kept in the log; null when it is good.</summary>
    internal static Refusal? CheckReason(string reason) => CheckText("reason", reason, LongestReason);

    /// <summary>A text that must not be left out; null when it is good.</summary>
    internal static Refusal? CheckText(string path, string text, int most) => IsText(text, most)
        ? null
        : Refusal.Invalid(path, "INVALID_TEXT", $"say it in 1 to {most} characters without control characters other than line breaks and tabs");

    /// <summary>A text that may have several lines.</summary>
    internal static bool IsText(string text, int most) =>
        text.Length <= most && !string.IsNullOrWhiteSpace(text) && text.All(character => !char.IsControl(character) || character is '\n' or '\r' or '\t');
}
