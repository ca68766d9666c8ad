using System.Collections.Immutable;

namespace Exchange.Catalog.Search;

/// <summary>
/// What to ask the index for a phrase: rows that have all lexemes. When not <see cref="IsExact"/> these are only candidates, to
/// be checked with <see cref="SearchPhrase.IsIn"/>. No lexeme at all means that nothing matches.
/// </summary>
public sealed record SearchQuery(ImmutableArray<SearchLexeme> Lexemes, bool IsExact)
{
    /// <summary>The query in PostgreSQL's tsquery syntax, to be passed as a parameter and cast; empty when there is no lexeme.</summary>
    public string ToTsQuery() => string.Join(" & ", Lexemes.Select(lexeme => $"'{lexeme.Text}'{(lexeme.IsPrefix ? ":*" : "")}"));

    /// <inheritdoc/>
    public bool Equals(SearchQuery? other) =>
        other is not null && IsExact == other.IsExact && Lexemes.AsSpan().SequenceEqual(other.Lexemes.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(IsExact, Lexemes.Length);
}
