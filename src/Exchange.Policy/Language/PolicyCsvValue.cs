using System.Collections.Immutable;
using System.Text;

namespace Exchange.Policy.Language;

/// <summary>A value of a row while it is read, with the column of each of its characters.</summary>
internal sealed class PolicyCsvValue
{
    private readonly StringBuilder text = new();
    private readonly List<int> columns = [];
    private int start;

    /// <summary>Column of the first character, from 1; where the value was looked for when it has none.</summary>
    public int Column => columns.Count > 0 ? columns[0] : start;

    public ImmutableArray<int> Columns => [.. columns];

    /// <summary>True when its characters do not stand side by side.</summary>
    public bool IsScattered => columns.Count > 0 && columns[^1] - columns[0] != columns.Count - 1;

    public void Begin(int index)
    {
        text.Clear();
        columns.Clear();
        start = index + 1;
    }

    public void Append(char c, int index)
    {
        text.Append(c);
        columns.Add(index + 1);
    }

    /// <summary>Takes away the blanks around the value.</summary>
    public void Trim()
    {
        var end = text.Length;
        while (end > 0 && char.IsWhiteSpace(text[end - 1]))
        {
            end--;
        }

        var first = 0;
        while (first < end && char.IsWhiteSpace(text[first]))
        {
            first++;
        }

        text.Remove(end, text.Length - end).Remove(0, first);
        columns.RemoveRange(end, columns.Count - end);
        columns.RemoveRange(0, first);
    }

    public override string ToString() => text.ToString();
}
