using System.Collections.Immutable;
using System.Text;

namespace Exchange.Policy.Language;

/// <summary>
/// Reads policy rows: one a line, values between commas and trimmed, a value with a comma in double quotes (a quote inside is
/// doubled), commas inside parentheses belong to the value, lines beginning with `#` are comments.
/// </summary>
internal static class PolicyCsv
{
    public static ImmutableArray<PolicyRule> Read(string text)
    {
        var rows = ImmutableArray.CreateBuilder<PolicyRule>();
        var value = new PolicyCsvValue();
        foreach (var (index, line) in SourceText.Lines(text).Index())
        {
            var content = line.AsSpan().Trim();
            if (!content.IsEmpty && content[0] != '#')
            {
                rows.Add(ReadRow(line, index + 1, value));
            }
        }

        return rows.ToImmutable();
    }

    private static PolicyRule ReadRow(ReadOnlySpan<char> line, int number, PolicyCsvValue value)
    {
        var values = ImmutableArray.CreateBuilder<string>();
        var columns = ImmutableArray.CreateBuilder<int>();
        var scattered = ImmutableDictionary<int, ImmutableArray<int>>.Empty;
        for (var index = 0; index <= line.Length; index++)
        {
            index = SkipSpace(line, index);
            value.Begin(index);
            if (index < line.Length && line[index] == '"')
            {
                ReadQuoted(line, number, ref index, value);
            }
            else
            {
                ReadPlain(line, number, ref index, value);
            }

            value.Trim();
            if (value.IsScattered)
            {
                // The first value is the row's type.
                scattered = scattered.Add(values.Count - 1, value.Columns);
            }

            columns.Add(value.Column);
            values.Add(value.ToString());
        }

        var type = values[0];
        if (type is [] || type[0] is not ('p' or 'g'))
        {
            throw Refuse(number, columns[0], $"a row begins with its type, `p` or `g` with a number or none, not `{type}`");
        }

        return new PolicyRule(type, [.. values.Skip(1)]) { Line = number, Columns = [.. columns.Skip(1)], Scattered = scattered };
    }

    private static void ReadQuoted(ReadOnlySpan<char> line, int number, ref int index, PolicyCsvValue value)
    {
        var start = index++;
        for (; index < line.Length; index++)
        {
            if (line[index] != '"')
            {
                value.Append(line[index], index);
            }
            else if (index + 1 < line.Length && line[index + 1] == '"')
            {
                value.Append('"', index);
                index++;
            }
            else
            {
                index = SkipSpace(line, index + 1);
                if (index < line.Length && line[index] != ',')
                {
                    throw Refuse(number, index + 1, "text after a closing quote; put a comma between values or double the quote");
                }

                return;
            }
        }

        throw Refuse(number, start + 1, "a quote is not closed on its line");
    }

    private static void ReadPlain(ReadOnlySpan<char> line, int number, ref int index, PolicyCsvValue value)
    {
        var start = index;
        var opened = new Stack<int>();
        for (; index < line.Length && (line[index] != ',' || opened.Count > 0); index++)
        {
            switch (line[index])
            {
                case '(':
                    opened.Push(index);
                    break;
                case ')' when !opened.TryPop(out _):
                    throw Refuse(number, index + 1, "a closing parenthesis without an opening one; put the value in quotes if it is meant");
                case ',':
                    // Casbin joins such pieces trimmed.
                    value.Trim();
                    value.Append(',', index);
                    index = SkipSpace(line, index + 1) - 1;
                    continue;
                case '"' when index + 1 < line.Length && line[index + 1] == '"':
                    value.Append('"', index);
                    index++;
                    continue;
            }

            value.Append(line[index], index);
        }

        if (opened.Count > 0)
        {
            throw Refuse(number, opened.Peek() + 1, $"a parenthesis is not closed in the value beginning at column {start + 1}");
        }
    }

    private static int SkipSpace(ReadOnlySpan<char> line, int index)
    {
        while (index < line.Length && char.IsWhiteSpace(line[index]))
        {
            index++;
        }

        return index;
    }

    private static RefusedException Refuse(int line, int column, string reason) => new(new SourcePosition(SourcePosition.Policy, line, column), reason);
}
