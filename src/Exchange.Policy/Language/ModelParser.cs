using System.Collections.Immutable;

namespace Exchange.Policy.Language;

/// <summary>
/// Reads a model file: sections in brackets, `key = value` lines, `#` and `;` begin a comment outside quotes, a line ending in a
/// backslash goes on in the next.
/// </summary>
internal sealed class ModelParser
{
    private static readonly Dictionary<string, char> Sections = new()
    {
        ["request_definition"] = 'r',
        ["policy_definition"] = 'p',
        ["role_definition"] = 'g',
        ["policy_effect"] = 'e',
        ["matchers"] = 'm',
    };

    private static readonly Dictionary<string, PolicyEffect> EffectTexts = new()
    {
        ["some(where(p_eft==allow))"] = PolicyEffect.AllowOverride,
        ["!some(where(p_eft==deny))"] = PolicyEffect.DenyOverride,
        ["some(where(p_eft==allow))&&!some(where(p_eft==deny))"] = PolicyEffect.AllowAndDeny,
        ["priority(p_eft)||deny"] = PolicyEffect.Priority,
        ["subjectPriority(p_eft)||deny"] = PolicyEffect.SubjectPriority,
    };

    private readonly ModelParts parts = new();
    private readonly HashSet<char> seen = [];
    private char section;

    public static ModelParts Read(string text)
    {
        var parser = new ModelParser();
        var lines = parser.ReadLines(text);
        foreach (var (kind, name) in Sections.Select(static entry => (entry.Value, entry.Key)))
        {
            if (kind is not 'g' && !parser.seen.Contains(kind))
            {
                throw Refuse(new(SourcePosition.Model, lines, 1), $"the section `[{name}]` is missing");
            }
        }

        RequireFirst(parser.parts.Requests.Keys, "r", lines);
        RequireFirst(parser.parts.Policies.Keys, "p", lines);
        RequireFirst(parser.parts.Effects.Keys, "e", lines);
        RequireFirst(parser.parts.Matchers.Keys, "m", lines);
        return parser.parts;
    }

    private static void RequireFirst(IEnumerable<string> keys, string key, int line)
    {
        if (!keys.Contains(key))
        {
            throw Refuse(new(SourcePosition.Model, line, 1), $"`{key}` is not defined");
        }
    }

    private int ReadLines(string text)
    {
        var number = 0;
        SourceText? pending = null;
        foreach (var raw in SourceText.Lines(text))
        {
            number++;
            var content = WithoutComment(raw);
            var indent = content.Length - content.TrimStart().Length;
            content = content.Trim();
            var place = new SourcePosition(SourcePosition.Model, number, indent + 1);
            if (content is ['[', .., ']'] && pending is null)
            {
                OpenSection(content[1..^1].Trim().ToString(), place);
                continue;
            }

            if (content.IsEmpty && pending is null)
            {
                continue;
            }

            var goesOn = content is [.., '\\'];
            (pending ??= new(place)).Append(goesOn ? content[..^1].TrimEnd() : content, place);
            if (!goesOn)
            {
                ReadEntry(pending);
                pending = null;
            }
        }

        if (pending is not null)
        {
            ReadEntry(pending);
        }

        return Math.Max(number, 1);
    }

    private void OpenSection(string name, SourcePosition place)
    {
        section = Sections.TryGetValue(name, out var kind)
            ? kind
            : throw Refuse(place, $"no section is called `{name}`; use {string.Join(", ", Sections.Keys.Select(static key => $"`{key}`"))}");
        if (!seen.Add(kind))
        {
            throw Refuse(place, $"the section `{name}` stands here a second time");
        }
    }

    private void ReadEntry(SourceText entry)
    {
        var text = entry.Text;
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0)
        {
            throw Refuse(entry.At(0), "expected `key = value` or `[section]`");
        }

        if (section == default)
        {
            throw Refuse(entry.At(0), "a definition stands before the first section");
        }

        var key = text[..equals].TrimEnd();
        if (key is [] || key[0] != section || !(key.Length == 1 || (key[1] is >= '1' and <= '9' && key.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0)))
        {
            throw Refuse(entry.At(0), $"a key of this section is `{section}`, `{section}2`, …, not `{key}`");
        }

        var start = equals + 1;
        while (start < text.Length && char.IsWhiteSpace(text[start]))
        {
            start++;
        }

        if (start == text.Length)
        {
            throw Refuse(entry.At(start), $"`{key}` has no value");
        }

        Add(key, entry, start);
    }

    private void Add(string key, SourceText entry, int start)
    {
        var added = section switch
        {
            'r' => parts.Requests.TryAdd(key, ReadNames(key, entry, start)),
            'p' => parts.Policies.TryAdd(key, ReadNames(key, entry, start)),
            'g' => parts.Roles.TryAdd(key, ReadRole(entry, start)),
            'e' => parts.Effects.TryAdd(key, ReadEffect(key, entry, start)),
            _ => parts.Matchers.TryAdd(key, Rest(entry, start)),
        };
        if (!added)
        {
            throw Refuse(entry.At(0), $"`{key}` is defined a second time");
        }
    }

    private static ModelDefinition ReadNames(string key, SourceText entry, int start)
    {
        var text = entry.Text;
        var names = ImmutableArray.CreateBuilder<string>();
        while (start <= text.Length)
        {
            var comma = text.IndexOf(',', start);
            var end = comma < 0 ? text.Length : comma;
            var name = text[start..end].Trim();
            if (name is [] || !(char.IsAsciiLetter(name[0]) || name[0] == '_') || !name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_'))
            {
                throw Refuse(entry.At(start), $"`{name}` is not a name; use letters, digits and `_`");
            }

            if (names.Contains(name))
            {
                throw Refuse(entry.At(start), $"`{name}` is named twice");
            }

            names.Add(name);
            start = end + 1;
        }

        return new(key, names.ToImmutable(), entry.At(0));
    }

    private static int ReadRole(SourceText entry, int start)
    {
        var pieces = entry.Text[start..].Split(',', StringSplitOptions.TrimEntries);
        return pieces.Length is 2 or 3 && pieces.All(static piece => piece == "_")
            ? pieces.Length
            : throw Refuse(entry.At(start), "a role relation is `_, _`, or `_, _, _` with a domain");
    }

    private static PolicyEffect ReadEffect(string key, SourceText entry, int start)
    {
        var text = string.Concat(entry.Text[start..].Where(static c => !char.IsWhiteSpace(c)));
        text = text.Replace($"p{key[1..]}.eft", "p_eft", StringComparison.Ordinal).Replace("p.eft", "p_eft", StringComparison.Ordinal);
        return EffectTexts.TryGetValue(text, out var effect)
            ? effect
            : throw Refuse(entry.At(start), "this effect is not one of Casbin's: some-allow, not-some-deny, both, priority, subjectPriority");
    }

    private static SourceText Rest(SourceText entry, int start)
    {
        var text = entry.Text;
        var rest = new SourceText(entry.At(start));
        for (var i = start; i < text.Length; i++)
        {
            rest.Append(text.AsSpan(i, 1), entry.At(i));
        }

        return rest;
    }

    private static ReadOnlySpan<char> WithoutComment(ReadOnlySpan<char> line)
    {
        var quote = '\0';
        for (var i = 0; i < line.Length; i++)
        {
            switch (line[i])
            {
                case '\\' when quote != '\0':
                    i++;
                    break;
                case '"' or '\'' when quote == '\0':
                    quote = line[i];
                    break;
                case '"' or '\'' when quote == line[i]:
                    quote = '\0';
                    break;
                case '#' or ';' when quote == '\0':
                    return line[..i];
            }
        }

        // An apostrophe that opens nothing must not hide a comment.
        return quote == '\0' ? line : line.IndexOfAny('#', ';') is >= 0 and var at ? line[..at] : line;
    }

    private static RefusedException Refuse(SourcePosition place, string reason) => new(place, reason);
}
