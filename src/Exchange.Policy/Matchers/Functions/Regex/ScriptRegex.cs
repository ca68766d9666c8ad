using System.Text.RegularExpressions;

namespace Exchange.Policy.Matchers;

/// <summary>
/// JavaScript's regular expressions, as Casbin has them, matched in time linear in the text, whatever the expression. What cannot be
/// matched so is refused: looking around, references back, word boundaries.
/// </summary>
internal sealed class ScriptRegex
{
    private readonly ScriptProgram program;
    private readonly Lazy<Regex> captures;

    private ScriptRegex(ScriptRegexReader reader, string pattern)
    {
        program = new(reader.Tree);
        Groups = reader.Groups;
        captures = new(() => ScriptRegexReader.Read(pattern).Translate());
    }

    /// <summary>How many groups keep what they matched.</summary>
    public int Groups { get; }

    /// <summary>Throws <see cref="FormatException"/> for what is no expression, or one that is refused.</summary>
    public static ScriptRegex Compile(string pattern) => new(ScriptRegexReader.Read(pattern), pattern);

    /// <summary>Whether the expression is found anywhere in the text.</summary>
    public bool IsMatch(ReadOnlySpan<char> text) => program.IsMatch(text);

    /// <summary>Where the expression and its groups are found first. Asked for the first time, it takes more memory than the test.</summary>
    public Match Match(string text) => captures.Value.Match(text);
}
