using Exchange.Catalog.Search;
using FsCheck;
using FsCheck.Fluent;

namespace Exchange.Catalog.Tests.Search;

public sealed class SearchTokensTests
{
    private static readonly Config Quick = Config.QuickThrowOnFailure.WithMaxTest(3_000);

    [Theory]
    [InlineData("ＡＢＣ１２", "abc12")]
    [InlineData("ｶﾞｽ漏れ", "ガス漏れ")]
    [InlineData("É", "é")]
    [InlineData("E\u0301", "é")]
    [InlineData("漏\u200B水\uFE00", "漏水")]
    [InlineData("ﬁre", "fire")]
    [InlineData("㈱", "(株)")]
    public void Texts_that_look_alike_fold_alike(string text, string folded) => Assert.Equal(folded, TextFolding.Fold(text));

    [Fact]
    public void A_text_splits_into_cjk_runs_and_words()
    {
        var terms = SearchTerms.Of("苏州12345热线：Water-pipe 漏水，급수 e\u0301te\u0301 \U00020000\U00020001々");

        Assert.Equal(["苏州", "12345", "热线", "water", "pipe", "漏水", "급수", "été", "\U00020000\U00020001々"], terms.Select(term => term.Text));
        Assert.Equal([true, false, true, false, false, true, true, false, true], terms.Select(term => term.IsCjk));
    }

    [Fact]
    public void Lexemes_are_pairs_of_neighbours_the_last_character_and_words()
    {
        Assert.Equal(["7/漏水", "7/水管", "7/管", "7/pipe"], SearchTokens.Lexemes(7, "漏水管 pipe Pipe"));
        Assert.Equal(["7/\U00020000水", "7/水"], SearchTokens.Lexemes(7, "\U00020000水"));
        Assert.Empty(SearchTokens.Lexemes(7, "，。 !"));
    }

    [Fact]
    public void A_word_is_cut_to_64_characters_and_then_only_proposed()
    {
        var word = new string('a', 70);

        Assert.Equal("7/" + word[..64], Assert.Single(SearchTokens.Lexemes(7, word)));
        Assert.Equal(new SearchQuery([new("7/" + word[..64], false)], IsExact: false), SearchTokens.Query(7, word));
        Assert.False(SearchTokens.Query(7, word[..64]).IsExact);
        Assert.True(SearchTokens.Query(7, word[..62]).IsExact);
    }

    [Theory]
    [InlineData("水", "'7/水':*", true)]
    [InlineData("漏水", "'7/漏水'", true)]
    [InlineData("漏水管", "'7/漏水' & '7/水管'", false)]
    [InlineData("漏水 pipe", "'7/漏水' & '7/pipe'", true)]
    [InlineData("\U00020000", "'7/\U00020000':*", true)]
    [InlineData("it's\\", "'7/it' & '7/s'", true)]
    [InlineData("!", "", true)]
    public void A_phrase_asks_the_index_for_its_lexemes(string phrase, string query, bool isExact)
    {
        Assert.Equal(query, SearchTokens.Query(7, phrase).ToTsQuery());
        Assert.Equal(isExact, SearchTokens.Query(7, phrase).IsExact);
    }

    [Theory]
    [InlineData("小区水管漏水", "漏水", true)]
    [InlineData("漏 水", "漏水", false)]
    [InlineData("漏雨、水管", "漏水", false)]
    [InlineData("水管漏水严重", "漏水 水管", true)]
    [InlineData("Water pipes", "pipe", false)]
    [InlineData("Water PIPE.", "ｐｉｐｅ", true)]
    [InlineData("漏水12345", "12345", true)]
    [InlineData("anything", "！", false)]
    public void A_cjk_term_is_found_inside_a_run_and_a_word_as_a_whole(string text, string phrase, bool matches) =>
        Assert.Equal(matches, SearchTokens.Matches(text, phrase));

    [Fact]
    public void Every_match_is_a_candidate_and_of_an_exact_query_every_candidate_a_match()
    {
        var characters = Gen.Elements("漏", "水", "管", "々", "\U00020000", "\U00020001", "a", "B", "ab", "1", "é", "e\u0301", "Ａ", "ｶﾞ", "ガ", "カ\u3099", "\u3099", "가", "각", "ᄀ", " ", "，", "-", "\uFE00", "/");
        var texts = characters.ListOf().Select(list => string.Concat(list)).ToArbitrary();
        var phrases = characters.ListOf().Select(list => string.Concat(list.Take(4))).ToArbitrary();
        var (matched, proposed) = (0, 0);

        Prop.ForAll(texts, phrases, (text, phrase) =>
        {
            var query = SearchTokens.Query(7, phrase);
            var isCandidate = IsCandidate(SearchTokens.Lexemes(7, text), query);
            var matches = SearchTokens.Matches(text, phrase);

            Assert.Equal(matches, NaiveMatches(text, phrase));
            Assert.True(isCandidate || !matches);
            Assert.True(!query.IsExact || isCandidate == matches);
            matched += matches ? 1 : 0;
            proposed += isCandidate ? 1 : 0;
        }).Check(Quick);

        Assert.InRange(matched, 100, int.MaxValue);
        Assert.InRange(proposed, matched, int.MaxValue);
    }

    [Fact]
    public void Short_cjk_terms_and_words_make_exact_queries()
    {
        var terms = Gen.Elements("漏", "水", "漏水", "水管", "\U00020000水", "pipe", "12345").NonEmptyListOf().Select(list => string.Join(' ', list));

        Prop.ForAll(terms.ToArbitrary(), phrase => Assert.True(SearchTokens.Query(7, phrase).IsExact)).Check(Quick);
    }

    private static bool IsCandidate(IReadOnlyCollection<string> lexemes, SearchQuery query) =>
        !query.Lexemes.IsEmpty && query.Lexemes.All(asked => asked.IsPrefix
            ? lexemes.Any(lexeme => lexeme.StartsWith(asked.Text, StringComparison.Ordinal))
            : lexemes.Contains(asked.Text));

    // The same meaning from the terms alone, without runs or flags.
    private static bool NaiveMatches(string text, string phrase)
    {
        var there = SearchTerms.Of(text);
        var asked = SearchTerms.Of(phrase);
        return asked.Length > 0 && asked.All(term => there.Any(other =>
            term.IsCjk == other.IsCjk && (term.IsCjk ? other.Text.Contains(term.Text, StringComparison.Ordinal) : other.Text == term.Text)));
    }
}
