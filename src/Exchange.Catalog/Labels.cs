namespace Exchange.Catalog;

/// <summary>Names for people: English is required, Chinese optional, both at most 200 characters without control characters.</summary>
internal static class Labels
{
    private const int Most = 200;

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
}
