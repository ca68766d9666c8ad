namespace Exchange.Catalog;

/// <summary>The shapes of ids. ASCII only, so that they mean the same in URLs, SQL, filters and file names.</summary>
internal static class Syntax
{
    /// <summary>`a-z 0-9` and <paramref name="extra"/>, starting with a letter, of the length given.</summary>
    internal static bool IsId(string? text, int least, int most, string extra)
    {
        if (text is null || text.Length < least || text.Length > most || !char.IsAsciiLetterLower(text[0]))
        {
            return false;
        }

        foreach (var character in text)
        {
            if (!char.IsAsciiLetterLower(character) && !char.IsAsciiDigit(character) && !extra.Contains(character, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>`a-z A-Z 0-9 . -`, 1 to 60.</summary>
    internal static bool IsCategoryCode(string? text)
    {
        if (text is null or "" || text.Length > 60)
        {
            return false;
        }

        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('.' or '-'))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>True for text without control characters, of at most so many UTF-16 units, that PostgreSQL can store.</summary>
    internal static bool IsLabel(string? text, int least, int most)
    {
        if (text is null || text.Length < least || text.Length > most)
        {
            return false;
        }

        foreach (var character in text)
        {
            if (char.IsControl(character))
            {
                return false;
            }
        }

        return true;
    }
}
