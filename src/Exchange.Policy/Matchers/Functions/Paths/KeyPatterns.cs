using System.Buffers;

namespace Exchange.Policy.Matchers;

/// <summary>
/// Casbin's path patterns and regular expressions. In keyMatch2 to 5 what is not their own syntax is a regular expression, as in
/// Casbin, so that `.` stands for any character.
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
    public static Func<string, bool> KeyMatch2(string pattern)
    {
        var path = pattern == "*" ? PathPattern.Line : PathPattern.WithColons(pattern);
        return text => path.IsMatch(text);
    }

    /// <summary>`/a/{id}` and `/a/*`.</summary>
    public static Func<string, bool> KeyMatch3(string pattern)
    {
        var path = PathPattern.WithBraces(pattern, isGrouped: false);
        return text => path.IsMatch(text);
    }

    /// <summary>`/a/{id}/b/{id}`: the same name stands for the same text.</summary>
    public static Func<string, bool> KeyMatch4(string pattern)
    {
        var path = PathPattern.WithBraces(pattern, isGrouped: true).WithoutGroups();
        var names = path.Names;
        if (names.Distinct().Count() == names.Length)
        {
            return text => path.IsMatch(text);
        }

        return text =>
        {
            Span<Range> values = stackalloc Range[names.Length];
            if (!path.TryMatch(text, values))
            {
                return false;
            }

            for (var i = 0; i < names.Length; i++)
            {
                if (!text.AsSpan(values[names.IndexOf(names[i])]).SequenceEqual(text.AsSpan(values[i])))
                {
                    return false;
                }
            }

            return true;
        };
    }

    /// <summary>As keyMatch3, without what follows a `?` in the text.</summary>
    public static Func<string, bool> KeyMatch5(string pattern)
    {
        var path = PathPattern.WithBraces(pattern, isGrouped: false);
        return text => path.IsMatch(text.IndexOf('?', StringComparison.Ordinal) is >= 0 and var query ? text.AsSpan(0, query) : text);
    }

    /// <summary>A regular expression, found anywhere in the text.</summary>
    public static Func<string, bool> Regex(string pattern)
    {
        var test = ScriptRegex.Compile(pattern);
        return text => test.IsMatch(text);
    }

    /// <summary>What stands in the place of the star; empty when the text does not match.</summary>
    public static string KeyGet(string text, string pattern)
    {
        var star = pattern.IndexOf('*', StringComparison.Ordinal);
        return star >= 0 && text.Length > star && text.AsSpan().StartsWith(pattern.AsSpan(0, star), StringComparison.Ordinal) ? text[star..] : "";
    }

    /// <summary>Gives what stands in the place of `:name`; empty when the text does not match.</summary>
    public static Func<string, string, string> KeyGet2(string pattern)
    {
        var matches = KeyMatch2(pattern);
        var segments = pattern.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return (text, name) =>
        {
            var index = Array.FindIndex(segments, segment => segment is [':', .. var named] && named == name);
            return index >= 0 && matches(text) && text.Split('/', StringSplitOptions.RemoveEmptyEntries) is var values && index < values.Length ? values[index] : "";
        };
    }

    /// <summary>Gives what stands in the place of `{name}`; empty when the text does not match.</summary>
    public static Func<string, string, string> KeyGet3(string pattern)
    {
        var path = PathPattern.WithBracesAnywhere(pattern).WithoutGroups();
        return (text, name) =>
        {
            var index = path.Names.IndexOf(name);
            Span<Range> values = stackalloc Range[path.Names.Length];
            return index >= 0 && path.TryMatch(text, values) ? text[values[index]] : "";
        };
    }
}
