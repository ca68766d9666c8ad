using System.Collections.Immutable;

namespace Exchange.Policy.Language;

/// <summary>One row of a policy: its type (`p`, `g2`, …), its values, and the line and columns it was read from (0 when it was not read from text).</summary>
public sealed record PolicyRule(string Type, ImmutableArray<string> Values)
{
    /// <summary>Line of the policy text, from 1; 0 when the rule was not read from text.</summary>
    public int Line { get; init; }

    internal ImmutableArray<int> Columns { get; init; } = [];

    /// <summary>Compares type and values; where a rule was read from does not matter.</summary>
    public bool Equals(PolicyRule? other) => other is not null && Type == other.Type && Values.AsSpan().SequenceEqual(other.Values.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Type);
        foreach (var value in Values)
        {
            hash.Add(value);
        }

        return hash.ToHashCode();
    }

    /// <summary>The row as it stands in a policy file: one line, whatever its values are; a line break in a value becomes a blank.</summary>
    public override string ToString() => string.Join(", ", Values.Prepend(Type).Select(Quote));

    /// <summary>Columns of the characters of values (by index) whose characters do not stand side by side in the text.</summary>
    internal ImmutableDictionary<int, ImmutableArray<int>> Scattered { get; init; } = ImmutableDictionary<int, ImmutableArray<int>>.Empty;

    /// <summary>Whether a value holds what ends a line, so that no file can hold the row.</summary>
    internal static bool HasLineBreak(string value) => value.AsSpan().ContainsAny('\n', '\r');

    internal SourcePosition PositionOf(int value) => new(SourcePosition.Policy, Line, value < Columns.Length ? Columns[value] : 1);

    /// <summary>A value with the place of each of its characters.</summary>
    internal SourceText SourceOf(int value)
    {
        if (!Scattered.TryGetValue(value, out var columns))
        {
            return SourceText.Of(Values[value], PositionOf(value));
        }

        var source = new SourceText(PositionOf(value));
        for (var i = 0; i < columns.Length; i++)
        {
            source.Append(Values[value].AsSpan(i, 1), new(SourcePosition.Policy, Line, columns[i]));
        }

        return source;
    }

    private static string Quote(string value)
    {
        var line = HasLineBreak(value) ? value.Replace('\r', ' ').Replace('\n', ' ') : value;
        return line.AsSpan().ContainsAny(",\"#()") || line != line.Trim() ? $"\"{line.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : line;
    }
}
