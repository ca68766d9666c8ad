using System.Globalization;

namespace Exchange.Catalog;

/// <summary>
/// Expressions of pattern rules: a subset that PostgreSQL and .NET read alike and match in time linear in the text. Characters stand for themselves, `.` for any;
/// `[a-z0-9_]` and `[^…]` are classes, `( )` groups, `|` alternatives, `?`, `*`, `+`, `{n}`, `{n,}` and `{n,m}` repetitions; `\` before a sign that is no letter or
/// digit makes it stand for itself. The whole text must match, upper and lower case are different.
/// </summary>
public static class QualityPattern
{
    /// <summary>Longest expression in characters.</summary>
    public const int Longest = 200;

    /// <summary>Most places an expression comes to when its repetitions are written out: what engines make of it stays small.</summary>
    public const int MostPlaces = 1_000;

    private const int MostRepetitions = 200;
    private const int DeepestNesting = 10;
    private const string Special = @"\.[](){}|?*+^$";

    /// <summary>What is wrong with an expression and at which character; null when nothing is.</summary>
    public static string? Check(string expression)
    {
        ArgumentNullException.ThrowIfNull(expression);
        if (expression.Length is 0 or > Longest)
        {
            return $"must be 1 to {Longest} characters";
        }

        var reader = new Reader(expression);
        return reader.Alternatives(0) is var places && reader.Error is { } error ? error
            : reader.At < expression.Length ? $"character {reader.At + 1}: `)` closes nothing"
            : places > MostPlaces ? $"comes to {places} places when its repetitions are written out and may come to {MostPlaces}: repeat less"
            : null;
    }

    private sealed class Reader(string text)
    {
        public int At { get; private set; }

        public string? Error { get; private set; }

        // Places it comes to; what it says is not told once there is an error.
        public long Alternatives(int depth)
        {
            var places = Sequence(depth);
            while (Error is null && Take('|'))
            {
                places += Sequence(depth);
            }

            return places;
        }

        private long Sequence(int depth)
        {
            var (places, began) = (0L, At);
            while (Error is null && At < text.Length && text[At] is not ('|' or ')'))
            {
                var atom = Atom(depth);
                places += Error is null ? atom * Repetitions() : 0;
            }

            return At == began ? Fail(began, "something must stand between alternatives and in groups") : Math.Min(places, int.MaxValue);
        }

        private long Atom(int depth)
        {
            var at = At;
            switch (text[At++])
            {
                case '(' when depth == DeepestNesting:
                    return Fail(at, $"groups go {DeepestNesting} deep at most");
                case '(':
                    var places = Alternatives(depth + 1);
                    return Error is not null || Take(')') ? places : Fail(at, "`(` is not closed");
                case '[':
                    return Class(at);
                case '.':
                    return 1;
                case '\\':
                    return Escaped(at) is null ? 0 : 1;
                case var sign when Special.Contains(sign, StringComparison.Ordinal):
                    return Fail(at, $"`{sign}` means something here: write `\\{sign}` for the sign itself");
                case var character:
                    return IsPlain(character) ? 1 : Fail(at, "control characters and characters beyond U+FFFF are not offered");
            }
        }

        private long Class(int opened)
        {
            Take('^');
            var began = At;
            while (At < text.Length && text[At] is not ']')
            {
                if (Member() is not { } first)
                {
                    return 0;
                }

                if (Take('-') && (At == text.Length || Member() is not { } last || last < first))
                {
                    return Error is null ? Fail(At, "a range goes from a character to a later one, such as `a-z`; write `\\-` for the sign itself") : 0;
                }
            }

            return At == began ? Fail(opened, "a class has at least one character") : Take(']') ? 1 : Fail(opened, "`[` is not closed");
        }

        private char? Member()
        {
            var at = At;
            var character = text[At++];
            if (character is '\\')
            {
                return Escaped(at);
            }

            if (character is '[' or '^' or '-' or '&' or '~' || !IsPlain(character))
            {
                Fail(at, "in a class write `\\` before `[`, `]`, `^`, `-`, `&`, `~` and `\\`; control characters and characters beyond U+FFFF are not offered");
                return null;
            }

            return character;
        }

        private char? Escaped(int at)
        {
            if (At < text.Length && text[At] is > ' ' and <= '~' && !char.IsAsciiLetterOrDigit(text[At]))
            {
                return text[At++];
            }

            Fail(at, "`\\` stands before a sign that is no letter or digit");
            return null;
        }

        // How often what stands before is written at most; once where it may go on for ever.
        private long Repetitions()
        {
            var at = At;
            long most = 1;
            if (Take('{'))
            {
                var least = Number();
                most = Take(',') ? (At < text.Length && text[At] is not '}' ? Number() : least) : least;
                if (!Take('}') || least < 0 || most < least || most is 0 or > MostRepetitions)
                {
                    return Fail(at, $"`{{` begins a repetition such as {{3}}, {{2,}} or {{2,5}}, of at most {MostRepetitions}");
                }
            }
            else if (!Take('?') && !Take('*') && !Take('+'))
            {
                return 1;
            }

            return At < text.Length && text[At] is '?' or '*' or '+' or '{' ? Fail(At, "a repetition is not repeated: put it in a group") : most;
        }

        private int Number()
        {
            var began = At;
            while (At < text.Length && char.IsAsciiDigit(text[At]) && At - began < 4)
            {
                At++;
            }

            return At == began ? -1 : int.Parse(text.AsSpan(began, At - began), CultureInfo.InvariantCulture);
        }

        private bool Take(char character)
        {
            var isThere = At < text.Length && text[At] == character;
            At += isThere ? 1 : 0;
            return isThere;
        }

        private static bool IsPlain(char character) => !char.IsControl(character) && !char.IsSurrogate(character);

        private long Fail(int at, string message)
        {
            Error ??= $"character {at + 1}: {message}";
            return 0;
        }
    }
}
