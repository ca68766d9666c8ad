using System.Collections.Immutable;

namespace Exchange.Policy.Models;

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

    /// <summary>The row as it stands in a policy file.</summary>
    public override string ToString() => string.Join(", ", Values.Prepend(Type).Select(Quote));

    internal SourcePosition PositionOf(int value) => new(SourcePosition.Policy, Line, value < Columns.Length ? Columns[value] : 1);

    private static string Quote(string value) =>
        value.AsSpan().IndexOfAny(",\"#") >= 0 || value != value.Trim() ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : value;
}
