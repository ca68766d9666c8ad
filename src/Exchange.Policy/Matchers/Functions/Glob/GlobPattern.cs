namespace Exchange.Policy.Matchers;

/// <summary>
/// Shell patterns on paths, as Casbin's `globMatch` reads them: `*`, `?` and `[a-z]` stay within a segment and do not begin a
/// hidden name, `**` spans segments, `{a,b}` chooses, a leading `!` negates. What it reads otherwise than it looks is refused.
/// </summary>
internal static class GlobPattern
{
    private const int Longest = 4_096;
    private const int MostChoices = 1_000;
    private const int MostCharacters = 50_000;

    public static Func<string, bool> Prepare(string pattern)
    {
        if (pattern.Length > Longest)
        {
            throw new FormatException($"a pattern has at most {Longest} characters");
        }

        // As in Casbin, which also takes a hash for a comment.
        pattern = pattern is ['*', '/', ..] ? pattern[1..] : pattern;
        if (pattern is ['#', ..])
        {
            return static _ => false;
        }

        var rest = pattern.TrimStart('!');
        if (rest.Length == 0 && pattern.Length > 0)
        {
            throw new FormatException("nothing stands behind the `!`");
        }

        for (var i = 1; i < rest.Length; i++)
        {
            if (rest[i] == '(' && rest[i - 1] is '?' or '*' or '+' or '@' or '!')
            {
                throw new FormatException($"`{rest[i - 1]}(…)` is not supported");
            }
        }

        var paths = Choices(rest).Select(static choice => new GlobPath(choice)).ToArray();
        var negated = (pattern.Length - rest.Length) % 2 == 1;
        return text => Array.Exists(paths, path => path.Matches(text)) != negated;
    }

    /// <summary>The patterns without braces that one with braces stands for.</summary>
    private static List<string> Choices(string pattern)
    {
        if (!pattern.AsSpan().ContainsAny('{', '}'))
        {
            return [pattern];
        }

        if (pattern.Contains('\\') || pattern.Contains("${", StringComparison.Ordinal))
        {
            throw new FormatException("`\\` and `$` do not stand beside braces");
        }

        var at = 0;
        var choices = Sequence(pattern, ref at, isInside: false);
        return choices.Contains("") ? throw new FormatException("braces may not leave an empty pattern") : choices;
    }

    // Reads up to the end, or inside of braces up to a comma or the closing one.
    private static List<string> Sequence(string pattern, ref int at, bool isInside)
    {
        List<string> all = [""];
        while (at < pattern.Length && !(isInside && pattern[at] is ',' or '}'))
        {
            if (pattern[at] == '}')
            {
                throw new FormatException("a closing brace without an opening one");
            }

            var next = pattern[at] == '{' ? Braces(pattern, ref at) : [Text(pattern, ref at)];
            if (all.Count * next.Count > MostChoices)
            {
                throw TooMany();
            }

            all = [.. all.SelectMany(_ => next, static (before, after) => before + after)];
            if (all.Sum(static choice => choice.Length) > MostCharacters)
            {
                throw TooMany();
            }
        }

        return all;
    }

    private static string Text(string pattern, ref int at)
    {
        var start = at;
        var length = pattern.AsSpan(start).IndexOfAny("{},");
        at = length < 0 ? pattern.Length : start + Math.Max(length, 1);
        return pattern[start..at];
    }

    private static List<string> Braces(string pattern, ref int at)
    {
        var choices = new List<string>();
        var parts = 0;
        do
        {
            at++;
            choices.AddRange(Sequence(pattern, ref at, isInside: true));
            parts++;
        }
        while (at < pattern.Length && pattern[at] == ',' && choices.Count <= MostChoices);
        if (at == pattern.Length || pattern[at] != '}')
        {
            throw at == pattern.Length ? new FormatException("a brace is not closed") : TooMany();
        }

        at++;
        return parts > 1 ? choices : throw new FormatException("braces choose between parts: `{a,b}`; `{a}` and `{1..3}` are not supported");
    }

    private static FormatException TooMany() => new($"the braces stand for more than {MostChoices} patterns or {MostCharacters} characters");
}
