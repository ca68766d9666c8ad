using System.Text;
using System.Text.RegularExpressions;

namespace Exchange.Policy.Matchers;

/// <summary>Shell patterns on paths: `*` and `?` stay within a segment and leave hidden names out, `**` spans segments, `[a-z]`, `{a,b}`.</summary>
internal static class GlobPattern
{
    public static Func<string, bool> Prepare(string pattern)
    {
        if (pattern is ['*', '/', ..])
        {
            pattern = pattern[1..];
        }

        if (pattern is ['#', ..])
        {
            return static _ => false;
        }

        var negated = pattern is ['!', ..];
        var test = KeyPatterns.Compile("^(?:" + Translate(negated ? pattern[1..] : pattern) + ")$");
        return negated ? text => !test.IsMatch(text) : test.IsMatch;
    }

    private static string Translate(string pattern)
    {
        var result = new StringBuilder();
        var braces = 0;
        for (var i = 0; i < pattern.Length; i++)
        {
            var begins = i == 0 || pattern[i - 1] is '/';
            switch (pattern[i])
            {
                case '*':
                    i += AppendStars(result, pattern, i, begins);
                    break;
                case '?':
                    result.Append(begins ? "(?![.])[^/]" : "[^/]");
                    break;
                case '[' when pattern.IndexOf(']', i + 2 < pattern.Length ? i + 2 : i) is > 0 and var close:
                    var content = pattern[(i + 1)..close].Replace("\\", "\\\\", StringComparison.Ordinal);
                    result.Append('[').Append(content is ['!', ..] ? "^/" + content[1..] : content).Append(']');
                    i = close;
                    break;
                case '{' when pattern.IndexOf('}', i) > 0:
                    braces++;
                    result.Append("(?:");
                    break;
                case '}' when braces > 0:
                    braces--;
                    result.Append(')');
                    break;
                case ',' when braces > 0:
                    result.Append('|');
                    break;
                case '\\' when i + 1 < pattern.Length:
                    result.Append(Regex.Escape(pattern[++i].ToString()));
                    break;
                default:
                    result.Append(Regex.Escape(pattern[i].ToString()));
                    break;
            }
        }

        return result.ToString();
    }

    /// <summary>Translates a run of stars; returns how many more characters it took.</summary>
    private static int AppendStars(StringBuilder result, string pattern, int start, bool begins)
    {
        var end = start;
        while (end < pattern.Length && pattern[end] == '*')
        {
            end++;
        }

        var ends = end == pattern.Length || pattern[end] == '/';
        if (end - start == 2 && begins && ends)
        {
            // Any number of segments, none of them hidden.
            result.Append(end == pattern.Length ? "(?:(?![.])[^/]+(?:/(?![.])[^/]+)*)?/?" : "(?:(?![.])[^/]+/)*");
            return end == pattern.Length ? 1 : 2;
        }

        result.Append(begins ? (ends ? "(?![.])[^/]+" : "(?![.])[^/]*") : "[^/]*");
        return end - start - 1;
    }
}
