using System.Text;

namespace Exchange.Policy.Conditions;

/// <summary>
/// Reads the filter language, a subset of AIP-160, typed against a schema of names:
/// <code>
/// filter      = [ expression ]                     empty holds for every row
/// expression  = factor { "AND" factor }
/// factor      = term { "OR" term }                 AIP-160: OR binds tighter than AND
/// term        = [ "NOT" | "-" ] simple
/// simple      = "(" expression ")" | "TRUE" | "FALSE" | name comparator value
/// comparator  = "=" | "!=" | "&lt;" | "&lt;=" | ">" | ">=" | ":"
/// value       = "quoted" | 'quoted' | bare         in quotes, \ takes the next character as it is
/// </code>
/// `:` asks whether a text list contains the text, searches a searchable text, and with a bare `*` asks whether there is
/// any value. A schema may offer names of conditions on the left and names of values, without quotes, on the right. Not
/// offered: bare words without a field, functions, wildcards, field paths.
/// </summary>
public static class ConditionParser
{
    /// <summary>Longest filter in characters.</summary>
    public const int LongestFilter = 8_000;

    /// <summary>Most comparisons in one filter.</summary>
    public const int MostTerms = 200;

    /// <summary>Deepest nesting of parentheses.</summary>
    public const int DeepestNesting = 50;

    /// <summary>Reads a filter. A grammar error ends the reading; unknown names and wrong types are all reported.</summary>
    public static ConditionParse Parse(string filter, IConditionSchema schema)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentNullException.ThrowIfNull(schema);
        if (filter.Length > LongestFilter)
        {
            return new([new(LongestFilter, ConditionError.TooLong, $"a filter has at most {LongestFilter} characters")]);
        }

        // A database's text cannot hold it: it would take the condition for an error there, not for one that no value meets.
        if (filter.IndexOf('\0', StringComparison.Ordinal) is var position and >= 0)
        {
            return new([new(position, ConditionError.InvalidCharacter, "a filter does not contain the character U+0000")]);
        }

        var reader = new Reader(filter, schema);
        var condition = reader.ReadAll();
        return reader.Errors.Count > 0 ? new(reader.Errors) : new(ConditionForm.Simplify(condition));
    }

    private sealed class Reader(string text, IConditionSchema schema)
    {
        private int _at;
        private int _terms;
        private int _depth;
        private bool _stopped;

        public List<ConditionError> Errors { get; } = [];

        public Condition ReadAll()
        {
            SkipBlanks();
            if (_at == text.Length)
            {
                return Condition.Always;
            }

            var condition = ReadExpression();
            SkipBlanks();
            if (!_stopped && _at < text.Length)
            {
                Stop(_at, ConditionError.Syntax, text[_at] is ')'
                    ? "this `)` closes nothing"
                    : "expected `AND`, `OR` or the end; write text with blanks in quotes and keywords in capitals");
            }

            return condition;
        }

        private Condition ReadExpression()
        {
            var terms = new List<Condition> { ReadFactor() };
            while (!_stopped && TakeWord("AND"))
            {
                terms.Add(ReadFactor());
            }

            return terms is [var only] ? only : new Condition.And([.. terms]);
        }

        private Condition ReadFactor()
        {
            var terms = new List<Condition> { ReadTerm() };
            while (!_stopped && TakeWord("OR"))
            {
                terms.Add(ReadTerm());
            }

            return terms is [var only] ? only : new Condition.Or([.. terms]);
        }

        private Condition ReadTerm()
        {
            if (TakeWord("NOT"))
            {
                return new Condition.Not(ReadSimple());
            }

            if (_at < text.Length && text[_at] is '-')
            {
                _at++;
                return new Condition.Not(ReadSimple());
            }

            return ReadSimple();
        }

        private Condition ReadSimple()
        {
            SkipBlanks();
            if (_at == text.Length)
            {
                return Stop(_at, ConditionError.Syntax, "expected a comparison, found the end");
            }

            if (text[_at] is '(')
            {
                return ReadParentheses();
            }

            if (TakeWord("TRUE"))
            {
                return Condition.Always;
            }

            return TakeWord("FALSE") ? Condition.Never : ReadComparison();
        }

        private Condition ReadParentheses()
        {
            var open = _at++;
            if (++_depth > DeepestNesting)
            {
                return Stop(open, ConditionError.TooDeep, $"parentheses nest at most {DeepestNesting} deep");
            }

            var inner = ReadExpression();
            _depth--;
            SkipBlanks();
            if (_stopped)
            {
                return inner;
            }

            if (_at == text.Length || text[_at] is not ')')
            {
                return Stop(_at, ConditionError.Syntax, "expected `AND`, `OR` or `)`; write text with blanks in quotes and keywords in capitals");
            }

            _at++;
            return inner;
        }

        private Condition ReadComparison()
        {
            var nameAt = _at;
            var name = TakeWhile(IsNameCharacter);
            if (name.Length is 0)
            {
                return Stop(nameAt, ConditionError.Syntax, "expected a field name");
            }

            SkipBlanks();
            var op = TakeComparator();
            if (op is null)
            {
                return Stop(_at, ConditionError.Syntax, "expected one of `=`, `!=`, `<`, `<=`, `>`, `>=`, `:` after the field name");
            }

            SkipBlanks();
            if (TakeValue() is not { } value)
            {
                return Condition.Never;
            }

            if (++_terms > MostTerms)
            {
                return Stop(nameAt, ConditionError.TooManyTerms, $"a filter has at most {MostTerms} comparisons");
            }

            if (schema.Define(name) is { } defined)
            {
                return ReadDefined(name, nameAt, defined, op, value);
            }

            if (!schema.TryResolve(name, out var attribute))
            {
                return Report(nameAt, ConditionError.UnknownField, $"there is no field `{Shorten(name)}`");
            }

            if (schema.Refuse(attribute) is { } refusal)
            {
                return Report(nameAt, ConditionError.UnreadableField, refusal);
            }

            var named = value.IsQuoted ? null : schema.ResolveValue(value.Text, op);
            if (named is { Known: { } known })
            {
                return Report(value.Position, ConditionError.UnknownField, $"there is no `{Shorten(value.Text)}`, there are {known}; put a text in quotes");
            }

            // A named value is a text, whatever it looks like; an empty one stands for a missing one while its type is checked.
            var typed = named is null ? value : value with { Text = named.Value.Text ?? "", IsQuoted = true };
            var comparison = ConditionTyping.Make(attribute, nameAt, op, typed, schema.IsSearchable(attribute), out var error);
            return comparison is null ? Report(error!.Position, error.Reason, error.Message)
                : named is { Text: null } ? Condition.Never
                : comparison;
        }

        private Condition ReadDefined(string name, int nameAt, Condition defined, string op, WrittenValue value)
        {
            if (op is not ("=" or "!="))
            {
                return Report(nameAt, ConditionError.WrongOperator, $"`{name}` is true or false: compare it with `=` or `!=`");
            }

            if (value is not { IsQuoted: false, Text: "true" or "false" })
            {
                return Report(value.Position, ConditionError.WrongType, $"`{name}` is compared with true or false without quotes");
            }

            return (op is "=") == (value.Text is "true") ? defined : new Condition.Not(defined);
        }

        private string? TakeComparator()
        {
            foreach (var symbol in (ReadOnlySpan<string>)["!=", "<=", ">=", "=", "<", ">", ":"])
            {
                if (string.CompareOrdinal(text, _at, symbol, 0, symbol.Length) is 0)
                {
                    _at += symbol.Length;
                    return symbol;
                }
            }

            return null;
        }

        private WrittenValue? TakeValue()
        {
            var start = _at;
            if (_at < text.Length && text[_at] is '"' or '\'')
            {
                return TakeQuoted(start);
            }

            var bare = TakeWhile(unit => !char.IsWhiteSpace(unit) && unit is not ('(' or ')' or '"' or '\''));
            if (bare is "" or "AND" or "OR" or "NOT")
            {
                Stop(start, ConditionError.Syntax, "expected a value");
                return null;
            }

            return new(start, bare, IsQuoted: false);
        }

        private WrittenValue? TakeQuoted(int start)
        {
            var quote = text[_at++];
            var value = new StringBuilder();
            while (_at < text.Length && text[_at] != quote)
            {
                _at += text[_at] is '\\' ? 1 : 0;
                if (_at < text.Length)
                {
                    value.Append(text[_at++]);
                }
            }

            if (_at == text.Length)
            {
                Stop(start, ConditionError.Syntax, "this quote is never closed");
                return null;
            }

            _at++;
            return new(start, value.ToString(), IsQuoted: true);
        }

        private bool TakeWord(string word)
        {
            SkipBlanks();
            var end = _at + word.Length;
            if (string.CompareOrdinal(text, _at, word, 0, word.Length) is not 0 || (end < text.Length && IsNameCharacter(text[end])))
            {
                return false;
            }

            _at = end;
            return true;
        }

        private string TakeWhile(Func<char, bool> isPart)
        {
            var start = _at;
            while (_at < text.Length && isPart(text[_at]))
            {
                _at++;
            }

            return text[start.._at];
        }

        private void SkipBlanks()
        {
            while (_at < text.Length && char.IsWhiteSpace(text[_at]))
            {
                _at++;
            }
        }

        private Condition Stop(int position, string reason, string message)
        {
            if (!_stopped)
            {
                Report(position, reason, message);
                (_stopped, _at) = (true, text.Length);
            }

            return Condition.Never;
        }

        private Condition Report(int position, string reason, string message)
        {
            Errors.Add(new(position, reason, message));
            return Condition.Never;
        }

        private static bool IsNameCharacter(char unit) =>
            !char.IsWhiteSpace(unit) && unit is not ('(' or ')' or '"' or '\'' or '=' or '!' or '<' or '>' or ':');

        private static string Shorten(string name) => name.Length <= 60 ? name : name[..60] + "…";
    }
}
