namespace Exchange.Policy.Matchers;

/// <summary>One segment of a shell pattern. Matching looks at a character at most once per star and allocates nothing.</summary>
internal sealed class GlobSegment
{
    private readonly string pattern;
    private readonly List<Token> tokens = [];
    private readonly bool isLiteral;
    private readonly bool isStars;

    public GlobSegment(string pattern)
    {
        this.pattern = pattern;
        if (pattern is "." or "..")
        {
            throw new FormatException("`.` and `..` are no segments of a pattern");
        }

        for (var at = 0; at < pattern.Length;)
        {
            tokens.Add(Next(pattern, ref at));
        }

        isLiteral = tokens.TrueForAll(static token => token.Kind is TokenKind.Character);
        isStars = tokens.Count > 0 && tokens.TrueForAll(static token => token.Kind is TokenKind.Star);
    }

    private enum TokenKind
    {
        Character,
        Any,
        Star,
        OneOf,
        NoneOf,
    }

    public bool Matches(ReadOnlySpan<char> text)
    {
        if (!isLiteral && (text is "." or ".." || (text is ['.', ..] && tokens[0].Kind is not TokenKind.Character) || (isStars && text.IsEmpty)))
        {
            return false;
        }

        var (at, next, star, mark) = (0, 0, -1, 0);
        while (at < text.Length)
        {
            if (next < tokens.Count && tokens[next].Kind is TokenKind.Star)
            {
                (star, mark) = (next++, at);
            }
            else if (next < tokens.Count && Holds(tokens[next], text[at]))
            {
                next++;
                at++;
            }
            else if (star >= 0)
            {
                // The last star takes one character more; an earlier one need not.
                next = star + 1;
                at = ++mark;
            }
            else
            {
                return false;
            }
        }

        while (next < tokens.Count && tokens[next].Kind is TokenKind.Star)
        {
            next++;
        }

        return next == tokens.Count;
    }

    private bool Holds(Token token, char c) => token.Kind switch
    {
        TokenKind.Character => c == token.Character,
        TokenKind.Any => true,
        TokenKind.OneOf => IsIn(token, c),
        _ => !IsIn(token, c),
    };

    // The content of brackets was checked: characters, and pairs of them with a sign between.
    private bool IsIn(Token token, char c)
    {
        var content = pattern.AsSpan(token.Content);
        for (var i = 0; i < content.Length; i++)
        {
            var isRange = i + 2 < content.Length && content[i + 1] == '-';
            if (c >= content[i] && c <= content[isRange ? i + 2 : i])
            {
                return true;
            }

            i += isRange ? 2 : 0;
        }

        return false;
    }

    private static Token Next(string pattern, ref int at)
    {
        var c = pattern[at++];
        switch (c)
        {
            case '*':
                return new(TokenKind.Star, c, default);
            case '?':
                return new(TokenKind.Any, c, default);
            case '[':
                return Brackets(pattern, ref at);
            case '\\':
                return at < pattern.Length && pattern[at] is '*' or '?' or '['
                    ? new(TokenKind.Character, pattern[at++], default)
                    : throw new FormatException("`\\` stands before `*`, `?` or `[`");
            default:
                return new(TokenKind.Character, c, default);
        }
    }

    private static Token Brackets(string pattern, ref int at)
    {
        var kind = at < pattern.Length && pattern[at] is '!' or '^' ? TokenKind.NoneOf : TokenKind.OneOf;
        var start = kind is TokenKind.NoneOf ? at + 1 : at;
        var end = pattern.IndexOf(']', start);
        var content = end < 0 ? [] : pattern.AsSpan(start..end);
        for (var i = 0; i < content.Length; i++)
        {
            var isRange = i + 2 < content.Length && content[i + 1] == '-';
            if (!(char.IsAsciiLetterOrDigit(content[i]) || (content[i] == '_' && !isRange)) || (isRange && !IsRange(content[i], content[i + 2])))
            {
                content = [];
            }

            i += isRange ? 2 : 0;
        }

        at = end + 1;
        return content.IsEmpty
            ? throw new FormatException("brackets hold letters, digits, `_` and ranges of them: `[a-z0-9]`, `[!a]`")
            : new(kind, default, start..end);
    }

    private static bool IsRange(char first, char last) =>
        first <= last && ((char.IsAsciiDigit(first) && char.IsAsciiDigit(last)) || (char.IsAsciiLetterLower(first) && char.IsAsciiLetterLower(last)) || (char.IsAsciiLetterUpper(first) && char.IsAsciiLetterUpper(last)));

    private readonly record struct Token(TokenKind Kind, char Character, Range Content);
}
