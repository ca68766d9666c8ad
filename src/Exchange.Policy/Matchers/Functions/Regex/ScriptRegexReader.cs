using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Exchange.Policy.Matchers;

/// <summary>
/// Reads a regular expression of JavaScript: into a tree, and into .NET's dialect for its engine that never goes back. What either
/// lacks or means otherwise is refused.
/// </summary>
internal sealed class ScriptRegexReader
{
    private const int Longest = 4_096;
    private const int DeepestNesting = 100;
    private const int MostRepetitions = 1_000;
    private const int MostStates = 10_000;

    private readonly string pattern;
    private readonly StringBuilder result = new();
    private readonly Stack<(List<ScriptNode> Choices, List<ScriptNode> Sequence, int Size)> opened = [];
    private List<ScriptNode> choices = [];
    private List<ScriptNode> sequence = [];
    private int next;
    private int size;
    private int lastSize;

    private ScriptRegexReader(string pattern) => this.pattern = pattern;

    public ScriptNode Tree => Group();

    /// <summary>How many groups keep what they matched.</summary>
    public int Groups { get; private set; }

    /// <summary>Throws <see cref="FormatException"/> for what is no expression, or one that is refused.</summary>
    public static ScriptRegexReader Read(string pattern)
    {
        var reader = new ScriptRegexReader(pattern);
        reader.Read();
        return reader;
    }

    /// <summary>The expression in .NET's dialect.</summary>
    public Regex Translate() => new(result.ToString(), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, Regex.InfiniteMatchTimeout);

    private void Read()
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
                    Atom(ScriptClass.Escape(pattern, ref next) ?? throw Refuse($"`\\` does not stand before what follows at {next}"));
                    break;
                case '[':
                    Atom(ScriptClass.Read(pattern, ref next) ?? throw Refuse("brackets are not closed, empty, or hold a range that is none"));
                    break;
                case '.':
                    Atom(ScriptClass.Point);
                    break;
                case '(':
                    OpenGroup();
                    break;
                case ')':
                    CloseGroup();
                    break;
                case '|':
                    result.Append('|');
                    choices.Add(new ScriptNode.Sequence(sequence));
                    (sequence, lastSize) = ([], 0);
                    break;
                case '^':
                    Edge("^", isBegin: true);
                    break;
                case '$':
                    Edge("\\z", isBegin: false);
                    break;
                case '*':
                    Repeat("*", 0, null);
                    break;
                case '+':
                    Repeat("+", 1, null);
                    break;
                case '?':
                    Repeat("?", 0, 1);
                    break;
                case '{' when ReadCount() is var (text, least, most):
                    next += text.Length - 1;
                    Repeat(text, least, most);
                    break;
                case var c:
                    Atom(ScriptClass.Of(c));
                    break;
            }
        }

        if (opened.Count > 0)
        {
            throw Refuse("a parenthesis is not closed");
        }
    }

    private void Atom(ScriptClass set)
    {
        result.Append(set);
        sequence.Add(new ScriptNode.Character(set));
        Grow(1);
        lastSize = 1;
    }

    private void Edge(string sign, bool isBegin)
    {
        result.Append(sign);
        sequence.Add(new ScriptNode.Edge(isBegin));
        lastSize = 0;
    }

    private ScriptNode.Choice Group() => new ScriptNode.Choice([.. choices, new ScriptNode.Sequence(sequence)]);

    private void OpenGroup()
    {
        var opening = "(";
        if (next < pattern.Length && pattern[next] == '?')
        {
            opening = pattern.AsSpan(next).StartsWith("?:") ? "(?:" : GroupName() is { } name ? $"(?<{name}>" : throw Refuse("it looks around, for which no time can be promised");
            next += opening.Length - 1;
        }

        result.Append(opening);
        Groups += opening == "(?:" ? 0 : 1;
        opened.Push((choices, sequence, size));
        (choices, sequence, size, lastSize) = ([], [], 0, 0);
        if (opened.Count > DeepestNesting)
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
        if (!opened.TryPop(out var outer))
        {
            throw Refuse("a closing parenthesis without an opening one");
        }

        result.Append(')');
        lastSize = Math.Max(size, 1);
        outer.Sequence.Add(Group());
        (choices, sequence, size) = outer;
        Grow(lastSize);
    }

    private void Repeat(string sign, int least, int? most)
    {
        if (lastSize == 0)
        {
            throw Refuse($"nothing stands before the `{sign}`");
        }

        // A step for each character, and one or two for each time round.
        var times = most is null ? least + 1L : Math.Max(most.Value, 1);
        Grow(((lastSize + 1) * times) - lastSize + 1);
        lastSize = 0;
        sequence[^1] = new ScriptNode.Repeat(sequence[^1], least, most);
        result.Append(sign);
        if (next < pattern.Length && pattern[next] == '?')
        {
            result.Append('?');
            next++;
        }
    }

    // {2}, {2,}, {2,5}; null where the brace stands for itself.
    private (string Text, int Least, int? Most)? ReadCount()
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
            ? ($"{{{content}}}", first, bounds[^1].Length > 0 ? last : null)
            : throw Refuse($"`{{{content}}}` does not rise, or has more than {MostRepetitions} repetitions");
    }

    private static bool Count(string text, out int count) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count <= MostRepetitions;

    private void Grow(long by) => size = size + by <= MostStates ? (int)(size + by) : throw Refuse($"it stands for more than {MostStates} characters");

    private FormatException Refuse(string reason) => new($"`{pattern}` is not a pattern: {reason}");
}
