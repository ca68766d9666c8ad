using System.Collections.Immutable;
using System.Text;

namespace Exchange.Policy.Models;

/// <summary>
/// Reads policy rows: one a line, values between commas and trimmed, a value with a comma in double quotes (a quote inside is
/// doubled), commas inside parentheses belong to the value, lines beginning with `#` are comments.
/// </summary>
internal static class PolicyCsv
{
    public static ImmutableArray<PolicyRule> Read(string text)
    {
        var rows = ImmutableArray.CreateBuilder<PolicyRule>();
        var line = 0;
        foreach (var raw in text.AsSpan().TrimStart('\uFEFF').EnumerateLines())
        {
            line++;
            var content = raw.Trim();
            if (!content.IsEmpty && content[0] != '#')
            {
                rows.Add(ReadRow(raw, line));
            }
        }

        return rows.ToImmutable();
    }

    private static PolicyRule ReadRow(ReadOnlySpan<char> line, int number)
    {
        var values = ImmutableArray.CreateBuilder<string>();
        var columns = ImmutableArray.CreateBuilder<int>();
        for (var index = 0; index <= line.Length;)
        {
            index = SkipSpace(line, index);
            columns.Add(index + 1);
            values.Add(index < line.Length && line[index] == '"' ? ReadQuoted(line, number, ref index) : ReadPlain(line, number, ref index));
            index++;
        }

        var type = values[0];
        if (type is [] || type[0] is not ('p' or 'g'))
        {
            throw Refuse(number, columns[0], $"a row begins with its type, `p` or `g` with a number or none, not `{type}`");
        }

        return new PolicyRule(type, [.. values.Skip(1)]) { Line = number, Columns = [.. columns.Skip(1)] };
    }

    private static string ReadQuoted(ReadOnlySpan<char> line, int number, ref int index)
    {
        var start = index++;
        var value = new StringBuilder();
        for (; index < line.Length; index++)
        {
            if (line[index] != '"')
            {
                value.Append(line[index]);
            }
            else if (index + 1 < line.Length && line[index + 1] == '"')
            {
                value.Append('"');
                index++;
            }
            else
            {
                index = SkipSpace(line, index + 1);
                return index >= line.Length || line[index] == ','
                    ? value.ToString().Trim()
                    : throw Refuse(number, index + 1, "text after a closing quote; put a comma between values or double the quote");
            }
        }

        throw Refuse(number, start + 1, "a quote is not closed on its line");
    }

    private static string ReadPlain(ReadOnlySpan<char> line, int number, ref int index)
    {
        var start = index;
        var opened = new Stack<int>();
        var value = new StringBuilder();
        for (; index < line.Length && (line[index] != ',' || opened.Count > 0); index++)
        {
            switch (line[index])
            {
                case '(':
                    opened.Push(index);
                    break;
                case ')' when !opened.TryPop(out _):
                    throw Refuse(number, index + 1, "a closing parenthesis without an opening one; put the value in quotes if it is meant");
            }

            value.Append(line[index]);
            if (line[index] == ',')
            {
                // Casbin joins such pieces trimmed.
                TrimBeforeComma(value);
                index = SkipSpace(line, index + 1) - 1;
            }
        }

        return opened.Count == 0
            ? value.Replace("\"\"", "\"").ToString().Trim()
            : throw Refuse(number, opened.Peek() + 1, $"a parenthesis is not closed in the value beginning at column {start + 1}");
    }

    private static void TrimBeforeComma(StringBuilder value)
    {
        var end = value.Length - 1;
        while (end > 0 && char.IsWhiteSpace(value[end - 1]))
        {
            end--;
        }

        value.Remove(end, value.Length - 1 - end);
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
