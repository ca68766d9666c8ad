using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Exchange.Policy.Matchers;

/// <summary>
/// JavaScript's regular expressions, as Casbin has them, for .NET's engine that never goes back: a match takes time linear in the
/// text, whatever the expression. What that engine or .NET's dialect lacks or means otherwise is refused: looking around, references
/// back, word boundaries.
/// </summary>
internal sealed class ScriptRegex
{
    private const int Longest = 4_096;
    private const int DeepestNesting = 100;
    private const int MostRepetitions = 1_000;
    private const int MostStates = 10_000;

    private readonly string pattern;
    private readonly StringBuilder result = new();
    private readonly Stack<int> groups = [];
    private int next;
    private int size;
    private int lastSize;

    private ScriptRegex(string pattern) => this.pattern = pattern;

    /// <summary>Throws <see cref="FormatException"/> for what is no expression, or one that is refused.</summary>
    public static Regex Compile(string pattern)
    {
        var translation = new ScriptRegex(pattern);
        translation.Translate();
        try
        {
            return new Regex(translation.result.ToString(), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, Regex.InfiniteMatchTimeout);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw translation.Refuse("it cannot be read");
        }
    }

    private void Translate()
    {
        if (pattern.Length > Longest)
        {
            throw new FormatException($"a pattern has at most {Longest} characters");
        }

        while (next < pattern.Length)
        {
            switch (pattern[next++])
            {
                case '\\':
                    Atom(ScriptClass.Escape(pattern, ref next) is { } escaped ? escaped.ToString() : throw Refuse($"`\\` does not stand before what follows at {next}"));
                    break;
                case '[':
                    Atom(ScriptClass.Read(pattern, ref next) is { } content ? content.ToString() : throw Refuse("brackets are not closed, empty, or hold a range that is none"));
                    break;
                case '.':
                    Atom(ScriptClass.Point.ToString());
                    break;
                case '(':
                    OpenGroup();
                    break;
                case ')':
                    CloseGroup();
                    break;
                case '|':
                    result.Append('|');
                    lastSize = 0;
                    break;
                case '^':
                    result.Append('^');
                    lastSize = 0;
                    break;
                case '$':
                    result.Append("\\z");
                    lastSize = 0;
                    break;
                case '*' or '+' or '?':
                    Repeat(pattern[(next - 1)..next], 1);
                    break;
                case '{' when ReadCount() is var (text, times):
                    next += text.Length - 1;
                    Repeat(text, times);
                    break;
                case var c:
                    Atom(Regex.Escape(c.ToString()));
                    break;
            }
        }

        if (groups.Count > 0)
        {
            throw Refuse("a parenthesis is not closed");
        }
    }

    private void Atom(string text)
    {
        result.Append(text);
        Grow(1);
        lastSize = 1;
    }

    private void OpenGroup()
    {
        var opening = "(";
        if (next < pattern.Length && pattern[next] == '?')
        {
            opening = pattern.AsSpan(next).StartsWith("?:") ? "(?:" : GroupName() is { } name ? $"(?<{name}>" : throw Refuse("it looks around, for which no time can be promised");
            next += opening.Length - 1;
        }

        result.Append(opening);
        groups.Push(size);
        (size, lastSize) = (0, 0);
        if (groups.Count > DeepestNesting)
        {
            throw Refuse($"more than {DeepestNesting} levels of nesting");
        }
    }

    private string? GroupName()
    {
        var end = pattern.AsSpan(next).StartsWith("?<") ? pattern.IndexOf('>', next) : -1;
        var name = end < 0 ? "" : pattern[(next + 2)..end];
        return name.Length > 0 && char.IsAsciiLetter(name[0]) && name.All(char.IsAsciiLetterOrDigit) ? name : null;
    }

    private void CloseGroup()
    {
        if (!groups.TryPop(out var before))
        {
            throw Refuse("a closing parenthesis without an opening one");
        }

        result.Append(')');
        lastSize = Math.Max(size, 1);
        size = before;
        Grow(lastSize);
    }

    private void Repeat(string sign, int times)
    {
        if (lastSize == 0)
        {
            throw Refuse($"nothing stands before the `{sign}`");
        }

        Grow((long)lastSize * (times - 1));
        lastSize = 0;
        result.Append(sign);
        if (next < pattern.Length && pattern[next] == '?')
        {
            result.Append('?');
            next++;
        }
    }

    // {2}, {2,}, {2,5} with how often what stands before is written out; null where the brace stands for itself.
    private (string Text, int Times)? ReadCount()
    {
        var end = pattern.IndexOf('}', next);
        var content = end < 0 ? "" : pattern[next..end];
        if (content.Length == 0 || content.Any(static c => c != ',' && !char.IsAsciiDigit(c)) || content[0] == ',' || content.Count(static c => c == ',') > 1)
        {
            return null;
        }

        var bounds = content.Split(',');
        var (isFirst, isLast) = (Count(bounds[0], out var first), Count(bounds[^1].Length > 0 ? bounds[^1] : bounds[0], out var last));
        return isFirst && isLast && first <= last
            ? ($"{{{content}}}", Math.Max(last, 1))
            : throw Refuse($"`{{{content}}}` does not rise, or has more than {MostRepetitions} repetitions");
    }

    private static bool Count(string text, out int count) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count <= MostRepetitions;

    private void Grow(long by) => size = size + by <= MostStates ? (int)(size + by) : throw Refuse($"it stands for more than {MostStates} characters");

    private FormatException Refuse(string reason) => new($"`{pattern}` is not a pattern: {reason}");
}
