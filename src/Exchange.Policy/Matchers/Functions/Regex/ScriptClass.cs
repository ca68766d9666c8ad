using System.Globalization;
using System.Text;

namespace Exchange.Policy.Matchers;

/// <summary>A set of characters of a JavaScript regular expression, as ranges. Its text means the same in .NET.</summary>
internal sealed class ScriptClass(IEnumerable<(char First, char Last)> all)
{
    private readonly (char First, char Last)[] ranges = [.. all];

    private static readonly ScriptClass Digits = new([('0', '9')]);
    private static readonly ScriptClass WordCharacters = new([('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')]);
    private static readonly ScriptClass Spaces = new(
    [
        ('\t', '\r'), (' ', ' '), ('\u00a0', '\u00a0'), ('\u1680', '\u1680'), ('\u2000', '\u200a'), ('\u2028', '\u2029'), ('\u202f', '\u202f'), ('\u205f', '\u205f'),
        ('\u3000', '\u3000'), ('\ufeff', '\ufeff'),
    ]);

    /// <summary>What a point stands for: all but the ends of lines.</summary>
    public static ScriptClass Point { get; } = new ScriptClass([('\n', '\n'), ('\r', '\r'), ('\u2028', '\u2029')]).Others();

    /// <summary>One character.</summary>
    public static ScriptClass Of(char c) => new([(c, c)]);

    public bool Contains(char c)
    {
        foreach (var (first, last) in ranges)
        {
            if (c >= first && c <= last)
            {
                return true;
            }
        }

        return false;
    }

    private bool IsCharacter => ranges.Length == 1 && ranges[0].First == ranges[0].Last;

    /// <summary>Reads what stands in brackets, behind the opening one; null when it is not understood.</summary>
    public static ScriptClass? Read(string pattern, ref int at)
    {
        var isNegated = at < pattern.Length && pattern[at] == '^';
        at += isNegated ? 1 : 0;
        var ranges = new List<(char First, char Last)>();
        while (at < pattern.Length && pattern[at] != ']')
        {
            if (ReadOne(pattern, ref at) is not { } one)
            {
                return null;
            }

            if (at + 1 < pattern.Length && pattern[at] == '-' && pattern[at + 1] != ']')
            {
                at++;
                if (ReadOne(pattern, ref at) is not { IsCharacter: true } last || !one.IsCharacter || one.First > last.First)
                {
                    return null;
                }

                ranges.Add((one.First, last.First));
                continue;
            }

            ranges.AddRange(one.All);
        }

        // JavaScript's `[]` and `[^]` would begin a longer class in .NET.
        if (at == pattern.Length || ranges.Count == 0)
        {
            return null;
        }

        at++;
        var all = new ScriptClass(ranges);
        return isNegated ? all.Others() : all;
    }

    /// <summary>Reads what stands behind a backslash; null when it is no set of characters.</summary>
    public static ScriptClass? Escape(string pattern, ref int at)
    {
        if (at == pattern.Length)
        {
            return null;
        }

        var c = pattern[at++];
        return c switch
        {
            'd' => Digits,
            'D' => Digits.Others(),
            'w' => WordCharacters,
            'W' => WordCharacters.Others(),
            's' => Spaces,
            'S' => Spaces.Others(),
            't' => Of('\t'),
            'n' => Of('\n'),
            'r' => Of('\r'),
            'f' => Of('\f'),
            'v' => Of('\v'),
            '0' when at == pattern.Length || !char.IsAsciiDigit(pattern[at]) => Of('\0'),
            'x' => Numbered(pattern, ref at, 2),
            'u' => Numbered(pattern, ref at, 4),
            _ when char.IsAsciiLetterOrDigit(c) => null,
            _ => Of(c),
        };
    }

    /// <summary>In brackets, every character by its number.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("[");
        foreach (var (first, last) in ranges)
        {
            text.Append(CultureInfo.InvariantCulture, $"\\u{(int)first:x4}");
            if (last != first)
            {
                text.Append(CultureInfo.InvariantCulture, $"-\\u{(int)last:x4}");
            }
        }

        return text.Append(']').ToString();
    }

    private char First => ranges[0].First;

    private IEnumerable<(char First, char Last)> All => ranges;

    private static ScriptClass? ReadOne(string pattern, ref int at)
    {
        var c = pattern[at++];
        if (c != '\\')
        {
            return Of(c);
        }

        if (at < pattern.Length && pattern[at] == 'b')
        {
            at++;
            return Of('\b');
        }

        return Escape(pattern, ref at);
    }

    private static ScriptClass? Numbered(string pattern, ref int at, int digits)
    {
        if (at + digits > pattern.Length || !ushort.TryParse(pattern.AsSpan(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number))
        {
            return null;
        }

        at += digits;
        return Of((char)number);
    }

    private ScriptClass Others()
    {
        var others = new List<(char First, char Last)>();
        var from = 0;
        foreach (var (first, last) in ranges.Order())
        {
            if (first > from)
            {
                others.Add(((char)from, (char)(first - 1)));
            }

            from = Math.Max(from, last + 1);
        }

        if (from <= char.MaxValue)
        {
            others.Add(((char)from, char.MaxValue));
        }

        return new(others);
    }
}
