using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Exchange.Policy.Conditions;

namespace Exchange.Catalog.Search;

/// <summary>
/// Computes what stands in the search index. For a field with number 7: <c>7/漏水</c> for every pair of neighbours in a CJK
/// run, <c>7/水</c> for its last character, <c>7/pipe</c> for a word (cut to 64 characters). Lexemes hold letters, digits,
/// marks and the `/` only, so they need no quoting.
/// </summary>
public static class SearchTokens
{
    /// <summary>Longest word in the index, in UTF-16 code units; longer ones are cut there.</summary>
    public const int LongestWord = 64;

    /// <summary>The lexemes of a text, each once.</summary>
    public static IReadOnlyCollection<string> Lexemes(int number, string text)
    {
        var lexemes = new HashSet<string>(StringComparer.Ordinal);
        AddLexemes(lexemes, number, text);
        return lexemes;
    }

    /// <summary>Adds the lexemes of a text to a set with ordinal comparison; those already there cost nothing.</summary>
    public static void AddLexemes(HashSet<string> lexemes, int number, string text)
    {
        ArgumentNullException.ThrowIfNull(lexemes);
        var folded = TextFolding.Fold(text);
        var known = lexemes.GetAlternateLookup<ReadOnlySpan<char>>();
        Span<char> lexeme = stackalloc char[LongestWord + 16];
        number.TryFormat(lexeme, out var prefix, default, CultureInfo.InvariantCulture);
        lexeme[prefix++] = '/';
        foreach (var run in new TermRuns(folded))
        {
            var content = folded.AsSpan(run.Start, run.Length);
            if (!run.IsCjk)
            {
                var word = content[..CutAt(content)];
                word.CopyTo(lexeme[prefix..]);
                known.Add(lexeme[..(prefix + word.Length)]);
                continue;
            }

            while (!content.IsEmpty)
            {
                var first = LengthOfFirst(content);
                var pair = first == content.Length ? first : first + LengthOfFirst(content[first..]);
                content[..pair].CopyTo(lexeme[prefix..]);
                known.Add(lexeme[..(prefix + pair)]);
                content = content[first..];
            }
        }
    }

    /// <summary>What to ask the index so that no text which matches the phrase is missed.</summary>
    public static SearchQuery Query(int number, string phrase)
    {
        var lexemes = ImmutableArray.CreateBuilder<SearchLexeme>();
        var isExact = true;
        foreach (var term in SearchPhrase.Parse(phrase).Terms)
        {
            var content = term.Text.AsSpan();
            if (!term.IsCjk)
            {
                lexemes.Add(new($"{number}/{content[..CutAt(content)]}", IsPrefix: false));
                isExact &= term.Text.Length < LongestWord - 1; // a longer word may have been cut to this one
                continue;
            }

            var first = LengthOfFirst(content);
            if (first == content.Length)
            {
                lexemes.Add(new($"{number}/{content}", IsPrefix: true));
                continue;
            }

            for (var pairs = 0; first < content.Length; pairs++)
            {
                var second = LengthOfFirst(content[first..]);
                lexemes.Add(new($"{number}/{content[..(first + second)]}", IsPrefix: false));
                isExact &= pairs is 0;
                content = content[first..];
                first = second;
            }
        }

        return new([.. lexemes.Distinct()], isExact);
    }

    /// <summary>Tells whether the text matches the phrase. For many texts parse the <see cref="SearchPhrase"/> once.</summary>
    public static bool Matches(string text, string phrase) => SearchPhrase.Parse(phrase).IsIn(text);

    /// <summary>A matcher for <see cref="ConditionEvaluator"/> that parses each search of a condition once. Not thread-safe.</summary>
    public static TextMatch CreateMatcher()
    {
        var phrases = new Dictionary<Condition.Search, SearchPhrase>(ReferenceEqualityComparer.Instance);
        return (text, search) =>
        {
            if (!phrases.TryGetValue(search, out var phrase))
            {
                phrases.Add(search, phrase = SearchPhrase.Parse(search.Phrase));
            }

            return phrase.IsIn(text);
        };
    }

    private static int LengthOfFirst(ReadOnlySpan<char> text) => char.IsHighSurrogate(text[0]) && text.Length > 1 ? 2 : 1;

    private static int CutAt(ReadOnlySpan<char> word) => word.Length <= LongestWord
        ? word.Length
        : LongestWord - (char.IsHighSurrogate(word[LongestWord - 1]) ? 1 : 0);
}
