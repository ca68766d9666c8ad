using System.Buffers;
using System.Collections.Immutable;
using System.Text;

namespace Exchange.Policy.Matchers;

/// <summary>
/// A path with names (`:id` or `{id}`, each some characters of one segment) and `/*` (a slash and all that follows on the line).
/// Other text stands for itself and `.` for any character; where it says more in Casbin, the whole becomes a regular expression.
/// Matching looks at a character at most once per name or star, and allocates nothing.
/// </summary>
internal sealed class PathPattern
{
    private const int MostParts = 200;

    // What would mean something in a regular expression, but for the point.
    private static readonly SearchValues<char> Signs = SearchValues.Create("*?[]{}()+^$|\\");
    private static readonly SearchValues<char> LineEnds = SearchValues.Create("\n\r\u2028\u2029");

    private readonly ImmutableArray<Part> parts;
    private readonly ScriptRegex? expression;
    private readonly bool isLazy;

    private PathPattern(ImmutableArray<Part> parts, bool isLazy, bool isGrouped)
    {
        (this.parts, this.isLazy) = (parts, isLazy);
        Names = [.. parts.Where(static part => part.Name is not null).Select(static part => part.Name!)];
        if (parts.Any(static part => part.Text is { } text && text.AsSpan().ContainsAny(Signs)))
        {
            var name = isLazy ? "([^/]+?)" : isGrouped ? "([^/]+)" : "[^/]+";
            expression = ScriptRegex.Compile(parts.Aggregate(new StringBuilder("^"), (all, part) => all.Append(part.Text ?? (part.Name is null ? ".*" : name))).Append('$').ToString());
        }
    }

    /// <summary>Matches every text of one line.</summary>
    public static PathPattern Line { get; } = new([new Part(null, null)], isLazy: false, isGrouped: false);

    /// <summary>The names in their order, also repeated ones.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>Reads `/a/:id/*`. Before the first `/:` a colon is a colon, as in Casbin; a name goes on to the end of its segment.</summary>
    public static PathPattern WithColons(string pattern) => Read(pattern, pattern.IndexOf("/:", StringComparison.Ordinal), static (text, at) =>
    {
        var end = EndOfSegment(text, at);
        return end > at + 1 ? end : at;
    });

    /// <summary>Reads `/a/{id}/*`. Before the first `/{` a brace is none of a name, as in Casbin; a name ends with the last brace before another begins.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="isGrouped">Whether values are asked for. Only then is a name a group of the regular expression, as in Casbin: `{id}*` is wrong otherwise.</param>
    public static PathPattern WithBraces(string pattern, bool isGrouped) => Read(
        pattern,
        pattern.IndexOf("/{", StringComparison.Ordinal),
        static (text, at) =>
        {
            var end = EndOfSegment(text, at);
            var other = text.IndexOf('{', at + 1, end - at - 1);
            var close = text.AsSpan(at, (other < 0 ? end : other) - at).LastIndexOf('}');
            return close > 1 ? at + close + 1 : at;
        },
        isGrouped: isGrouped);

    /// <summary>Reads `/a/p_{id}_s`, whose names may stand anywhere and take as few characters as they can.</summary>
    public static PathPattern WithBracesAnywhere(string pattern) => Read(
        pattern,
        0,
        static (text, at) =>
        {
            var end = EndOfSegment(text, at);
            var close = at + 2 < end ? text.IndexOf('}', at + 2, end - at - 2) : -1;
            return close < 0 ? at : close + 1;
        },
        isLazy: true,
        isGrouped: true);

    /// <summary>This pattern, where the names are its only groups. Throws <see cref="FormatException"/> where they are not: Casbin fails on such a pattern at run time.</summary>
    public PathPattern WithoutGroups() => expression is null || expression.Groups == Names.Length
        ? this
        : throw new FormatException("parentheses beside names; write `(?:…)`");

    /// <summary>Whether all of the text matches.</summary>
    public bool IsMatch(ReadOnlySpan<char> text) => expression is not null ? expression.IsMatch(text) : new Attempt(this, text, stackalloc Found[parts.Length]).Matches();

    /// <summary>Whether all of the text matches, and for each name what it stands for; of grouped patterns only.</summary>
    public bool TryMatch(string text, Span<Range> values)
    {
        if (expression is not null)
        {
            var match = expression.Match(text);
            for (var i = 0; match.Success && i < Names.Length; i++)
            {
                var group = match.Groups[i + 1];
                values[i] = group.Index..(group.Index + group.Length);
            }

            return match.Success;
        }

        Span<Found> found = stackalloc Found[parts.Length];
        if (!new Attempt(this, text, found).Matches())
        {
            return false;
        }

        var next = 0;
        for (var i = 0; i < parts.Length; i++)
        {
            if (parts[i].Name is not null)
            {
                values[next++] = found[i].Start..found[i].End;
            }
        }

        return true;
    }

    // `endOf` gives where the name that begins there ends, or where it begins when there is none.
    private static PathPattern Read(string pattern, int first, Func<string, int, int> endOf, bool isLazy = false, bool isGrouped = false)
    {
        var opening = isLazy ? '{' : first < 0 ? default : pattern[first + 1];
        var parts = ImmutableArray.CreateBuilder<Part>();
        var text = new StringBuilder();
        for (var at = 0; at < pattern.Length;)
        {
            var isOpening = first >= 0 && at >= first && pattern[at] == opening;
            if (isOpening && endOf(pattern, at) is var end && end > at)
            {
                Add(new Part(null, pattern[(at + 1)..(opening == '{' ? end - 1 : end)]));
                at = end;
            }
            else if (isOpening && !isLazy && pattern[at - 1] == '/')
            {
                throw new FormatException($"`/{opening}` is not followed by a name");
            }
            else
            {
                text.Append(pattern[at++]);
                if (pattern[at - 1] == '/' && at < pattern.Length && pattern[at] == '*')
                {
                    Add(new Part(null, null));
                    at++;
                }
            }
        }

        Add(null);
        return new(parts.ToImmutable(), isLazy, isGrouped);

        void Add(Part? part)
        {
            if (text.Length > 0)
            {
                parts.Add(new Part(text.ToString(), null));
                text.Clear();
            }

            if (part is { } wild)
            {
                parts.Add(wild);
            }

            if (parts.Count > MostParts)
            {
                throw new FormatException($"more than {MostParts} parts");
            }
        }
    }

    private static int EndOfSegment(string text, int at) => text.IndexOf('/', at) is >= 0 and var slash ? slash : text.Length;

    /// <summary>Text, a name, or (neither) the rest behind `/*`.</summary>
    private readonly record struct Part(string? Text, string? Name);

    /// <summary>
    /// Where a name or star was tried: from <see cref="Start"/> to <see cref="End"/> when it matches; meanwhile all ends from
    /// <see cref="Lowest"/> up to <see cref="Highest"/> are known to lead nowhere.
    /// </summary>
    private record struct Found(int Start, int End, int Lowest, int Highest);

    private ref struct Attempt(PathPattern pattern, ReadOnlySpan<char> text, Span<Found> found)
    {
        private readonly ReadOnlySpan<char> text = text;
        private readonly Span<Found> found = found;

        public readonly bool Matches()
        {
            found.Fill(new Found(0, 0, 0, -1));
            return From(0, 0);
        }

        private readonly bool From(int part, int at)
        {
            while (part < pattern.parts.Length && pattern.parts[part].Text is { } literal)
            {
                if (!Stands(literal, text[at..]))
                {
                    return false;
                }

                (part, at) = (part + 1, at + literal.Length);
            }

            return part == pattern.parts.Length ? at == text.Length : Wild(part, at);
        }

        // How far a name or star reaches depends on where its run ends alone: what failed behind it is not tried again.
        private readonly bool Wild(int part, int at)
        {
            var isName = pattern.parts[part].Name is not null;
            var run = isName ? text[at..].IndexOf('/') : text[at..].IndexOfAny(LineEnds);
            var (least, most) = (at + (isName ? 1 : 0), run < 0 ? text.Length : at + run);
            ref var tried = ref found[part];
            var last = tried.Highest == most ? tried.Lowest - 1 : most;
            for (var step = 0; step <= last - least; step++)
            {
                var end = pattern.isLazy && isName ? least + step : last - step;
                if (From(part + 1, end))
                {
                    (tried.Start, tried.End) = (at, end);
                    return true;
                }
            }

            (tried.Lowest, tried.Highest) = (Math.Min(least, last + 1), most);
            return false;
        }

        private static bool Stands(string literal, ReadOnlySpan<char> text)
        {
            if (text.Length < literal.Length)
            {
                return false;
            }

            for (var i = 0; i < literal.Length; i++)
            {
                if (literal[i] != text[i] && (literal[i] != '.' || LineEnds.Contains(text[i])))
                {
                    return false;
                }
            }

            return true;
        }
    }
}
