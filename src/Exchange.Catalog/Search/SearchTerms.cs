using System.Collections.Immutable;

namespace Exchange.Catalog.Search;

/// <summary>Splits texts into what can be searched.</summary>
public static class SearchTerms
{
    /// <summary>The terms of a text after folding, in its order, repeated ones too.</summary>
    public static ImmutableArray<SearchTerm> Of(string text)
    {
        var folded = TextFolding.Fold(text);
        var terms = ImmutableArray.CreateBuilder<SearchTerm>();
        foreach (var run in new TermRuns(folded))
        {
            terms.Add(new(folded.Substring(run.Start, run.Length), run.IsCjk));
        }

        return terms.ToImmutable();
    }
}
