using System.Diagnostics;
using System.Text.RegularExpressions;
using Exchange.Policy.Matchers;

namespace Exchange.Policy.Tests.Matchers;

public sealed class PathPatternTests
{
    // A piece of a pattern and the regular expression that it stands for.
    private static readonly (string Piece, string Expression)[] Pieces =
    [
        ("/", "/"), ("a", "a"), ("b", "b"), (".", "."), ("/{x}", "/([^/]+)"), ("{y}", "([^/]+)"), ("/{z1}", "/([^/]+)"), ("/*", "/.*"),
    ];

    [Fact]
    public void Random_paths_match_as_the_regular_expression_they_stand_for_and_give_the_same_values()
    {
        var random = new Random(5);
        var matched = 0;
        for (var i = 0; i < 20_000; i++)
        {
            // The first piece makes braces names.
            (string Piece, string Expression)[] chosen = [("/{x}", "/([^/]+)"), .. random.GetItems(Pieces, random.Next(6))];
            var text = "/" + string.Concat(random.GetItems(["/", "a", "b", "ab", "\n"], random.Next(6)));
            var path = PathPattern.WithBraces(string.Concat(chosen.Select(static piece => piece.Piece)), isGrouped: true);
            var match = Regex.Match(text, $"^{string.Concat(chosen.Select(static piece => piece.Expression))}\\z");
            var values = new Range[path.Names.Length];

            Assert.Equal(match.Success, path.IsMatch(text));
            Assert.Equal(match.Success, path.TryMatch(text, values));
            if (match.Success)
            {
                matched++;
                Assert.Equal(match.Groups.Values.Skip(1).Select(static group => group.Value), values.Select(range => text[range]));
            }
        }

        Assert.True(matched > 500, $"only {matched} texts matched");
    }

    [Fact]
    public void Names_anywhere_take_as_few_characters_as_they_can()
    {
        var random = new Random(6);
        for (var i = 0; i < 20_000; i++)
        {
            var chosen = random.GetItems<(string Piece, string Expression)>([("a", "a"), ("/", "/"), ("{x}", "([^/]+?)"), ("/*", "/.*"), ("_", "_")], random.Next(1, 7));
            var text = string.Concat(random.GetItems(["/", "a", "_", "b"], random.Next(8)));
            var path = PathPattern.WithBracesAnywhere(string.Concat(chosen.Select(static piece => piece.Piece)));
            var match = Regex.Match(text, $"^{string.Concat(chosen.Select(static piece => piece.Expression))}\\z");
            var values = new Range[path.Names.Length];

            Assert.Equal(match.Success, path.TryMatch(text, values));
            if (match.Success)
            {
                Assert.Equal(match.Groups.Values.Skip(1).Select(static group => group.Value), values.Select(range => text[range]));
            }
        }
    }

    [Theory]
    [InlineData("/{a}{b}{c}{d}{e}{f}{g}{h}{i}{j}x", "/", "a")]
    [InlineData("/*/*/*/*/*/*/*/*/*x", "", "/")]
    [InlineData("/*/{a}{b}/*/{c}{d}/*/{e}{f}x", "", "/ab")]
    public void A_hostile_text_takes_no_longer_than_its_length_allows(string pattern, string start, string repeated)
    {
        var path = PathPattern.WithBraces(pattern, isGrouped: false);
        var text = start + string.Concat(Enumerable.Repeat(repeated, 20_000));
        var watch = Stopwatch.StartNew();

        Assert.False(path.IsMatch(text));

        // Backtracking would take longer than the universe is old.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"{watch.Elapsed}");
    }

    [Theory]
    [InlineData("/:id/b:c", "/1/bx", true)]
    [InlineData("/b:c", "/bx", false)]
    [InlineData("/b:c/:id", "/b:c/1", true)]
    [InlineData("/:id/b:", "/1/b:", true)]
    [InlineData("/a+/:id", "/aaa/1", true)]
    [InlineData("*", "/a/b", true)]
    public void A_colon_begins_a_name_from_the_first_segment_on_that_begins_with_one(string pattern, string text, bool matches) =>
        Assert.Equal(matches, KeyPatterns.KeyMatch2(pattern)(text));

    [Theory]
    [InlineData("/:")]
    [InlineData("/:/a")]
    [InlineData("/a/:id/:/b")]
    [InlineData("/(/:id")]
    public void A_path_that_cannot_be_read_is_refused(string pattern) => Assert.Throws<FormatException>(() => PathPattern.WithColons(pattern));

    [Theory]
    [InlineData("/{")]
    [InlineData("/{}")]
    [InlineData("/{a/b}")]
    [InlineData("/{a{b}")]
    public void A_brace_that_is_not_closed_in_its_segment_is_refused(string pattern) => Assert.Throws<FormatException>(() => PathPattern.WithBraces(pattern, isGrouped: false));
}
