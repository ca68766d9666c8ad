using System.Collections.Immutable;

namespace Exchange.Catalog.Search;

/// <summary>
/// A phrase ready to be looked for. A text matches when it has every term of the phrase: a CJK term inside one CJK run, a
/// word as a whole word. A phrase without terms matches nothing.
/// </summary>
public sealed class SearchPhrase
{
    private SearchPhrase(ImmutableArray<SearchTerm> terms) => Terms = terms;

    /// <summary>Its terms, each once.</summary>
    public ImmutableArray<SearchTerm> Terms { get; }

    /// <summary>Reads a phrase.</summary>
    public static SearchPhrase Parse(string phrase) => new([.. SearchTerms.Of(phrase).Distinct()]);

    /// <summary>Tells whether the text matches: the exact meaning of a search, whatever an index proposes.</summary>
    public bool IsIn(string text)
    {
        if (Terms.IsEmpty)
        {
            return false;
        }

        var folded = TextFolding.Fold(text);
        Span<bool> found = Terms.Length <= 256 ? stackalloc bool[Terms.Length] : new bool[Terms.Length];
        var missing = Terms.Length;
        foreach (var run in new TermRuns(folded))
        {
            var content = folded.AsSpan(run.Start, run.Length);
            for (var index = 0; index < Terms.Length; index++)
            {
                var term = Terms[index];
                if (!found[index] && term.IsCjk == run.IsCjk && (term.IsCjk ? Contains(content, term.Text) : content.SequenceEqual(term.Text)))
                {
                    found[index] = true;
                    missing--;
                }
            }

            if (missing is 0)
            {
                return true;
            }
        }

        return false;
    }

    private static bool Contains(ReadOnlySpan<char> run, string term) => run.Contains(term, StringComparison.Ordinal);
}
