using System.Buffers;
using System.Text.RegularExpressions;

namespace Exchange.Policy.Matchers;

/// <summary>
/// Casbin's path patterns. In keyMatch2 to 5 what is not their own syntax is a regular expression, as in Casbin, so that `.`
/// stands for any character.
/// </summary>
internal static class KeyPatterns
{
    /// <summary>Characters that may mean something in a pattern.</summary>
    public static SearchValues<char> Special { get; } = SearchValues.Create("*?[]{}():+.^$|\\");

    /// <summary>`/a/*`: everything after the star's place matches.</summary>
    public static Func<string, bool> KeyMatch(string pattern)
    {
        var star = pattern.IndexOf('*', StringComparison.Ordinal);
        if (star < 0)
        {
            return text => text == pattern;
        }

        var prefix = pattern[..star];
        return text => text.StartsWith(prefix, StringComparison.Ordinal);
    }

    /// <summary>`/a/:id` and `/a/*`.</summary>
    public static Func<string, bool> KeyMatch2(string pattern) => pattern == "*" ? Whole("(.*)") : Whole(Path2(pattern));

    /// <summary>`/a/{id}` and `/a/*`.</summary>
    public static Func<string, bool> KeyMatch3(string pattern) => Whole(Path3(pattern, "[^/]+"));

    /// <summary>`/a/{id}/b/{id}`: the same name stands for the same text.</summary>
    public static Func<string, bool> KeyMatch4(string pattern)
    {
        var names = System.Text.RegularExpressions.Regex.Matches(pattern, @"\{[^/]+?\}").Select(static match => match.Value).ToArray();
        var test = Compile("^" + Path3(pattern, "([^/]+)") + "$");
        if (test.Groups != names.Length)
        {
            // Casbin fails at run time.
            throw new FormatException("parentheses beside names; write `(?:…)`");
        }

        if (names.Distinct().Count() == names.Length)
        {
            return text => test.IsMatch(text);
        }

        return text =>
        {
            var match = test.Match(text);
            for (var i = 0; match.Success && i < names.Length; i++)
            {
                var first = Array.IndexOf(names, names[i]);
                if (match.Groups[first + 1].Value != match.Groups[i + 1].Value)
                {
                    return false;
                }
            }

            return match.Success;
        };
    }

    /// <summary>As keyMatch3, without what follows a `?` in the text.</summary>
    public static Func<string, bool> KeyMatch5(string pattern)
    {
        var test = Compile("^" + Path3(pattern, "[^/]+") + "$");
        return text => text.IndexOf('?', StringComparison.Ordinal) is >= 0 and var query ? test.IsMatch(text.AsSpan(0, query)) : test.IsMatch(text);
    }

    /// <summary>A regular expression, found anywhere in the text.</summary>
    public static Func<string, bool> Regex(string pattern)
    {
        var test = Compile(pattern);
        return text => test.IsMatch(text);
    }

    /// <summary>What stands in the place of the star; empty when the text does not match.</summary>
    public static string KeyGet(string text, string pattern)
    {
        var star = pattern.IndexOf('*', StringComparison.Ordinal);
        return star >= 0 && text.Length > star && text.AsSpan().StartsWith(pattern.AsSpan(0, star), StringComparison.Ordinal) ? text[star..] : "";
    }

    /// <summary>What stands in the place of `:name`; empty when the text does not match.</summary>
    public static string KeyGet2(string text, string pattern, string name)
    {
        if (!KeyMatch2(pattern)(text))
        {
            return "";
        }

        var index = Array.IndexOf(pattern.Split('/', StringSplitOptions.RemoveEmptyEntries), ":" + name);
        var values = text.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return index >= 0 && index < values.Length ? values[index] : "";
    }

    /// <summary>What stands in the place of `{name}`; empty when the text does not match.</summary>
    public static string KeyGet3(string text, string pattern, string name)
    {
        var expression = pattern.Replace("/*", "/.*", StringComparison.Ordinal);
        var names = System.Text.RegularExpressions.Regex.Matches(expression, @"\{[^/]+?\}");
        var test = Compile("^" + System.Text.RegularExpressions.Regex.Replace(expression, @"\{[^/]+?\}", "([^/]+?)") + "$");
        if (test.Groups != names.Count)
        {
            throw new FormatException("parentheses beside names; write `(?:…)`");
        }

        var match = test.Match(text);
        for (var i = 0; match.Success && i < names.Count; i++)
        {
            if (names[i].ValueSpan[1..^1].SequenceEqual(name))
            {
                return match.Groups[i + 1].Value;
            }
        }

        return "";
    }

    /// <summary>An expression in JavaScript's dialect.</summary>
    public static ScriptRegex Compile(string pattern) => ScriptRegex.Compile(pattern);

    private static Func<string, bool> Whole(string expression)
    {
        var test = Compile("^" + expression + "$");
        return text => test.IsMatch(text);
    }

    private static string Path2(string pattern) => Replace(pattern.Replace("/*", "/.*", StringComparison.Ordinal), "/:", "(.*):[^/]+(.*)", "[^/]+");

    private static string Path3(string pattern, string value) => Replace(pattern.Replace("/*", "/.*", StringComparison.Ordinal), "/{", @"(.*)\{[^/]+\}(.*)", value);

    // As Casbin does it: the last name of the path becomes its expression, until no name is left.
    private static string Replace(string path, string mark, string name, string value)
    {
        while (path.Contains(mark, StringComparison.Ordinal))
        {
            var before = path;
            path = System.Text.RegularExpressions.Regex.Replace(path, name, "${1}" + value + "${2}");
            if (path == before)
            {
                throw new FormatException($"`{mark}` is not followed by a name");
            }
        }

        return path;
    }
}
