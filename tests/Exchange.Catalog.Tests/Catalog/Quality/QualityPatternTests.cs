using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Exchange.Catalog.Tests.Catalog.Quality;

public class QualityPatternTests
{
    [Theory]
    [InlineData("1[3-9][0-9]{9}")]
    [InlineData("[0-9]{17}[0-9X]")]
    [InlineData("(浙|沪)[A-Z]-?[A-Z0-9]{5}")]
    [InlineData(".+@[a-z0-9.]+")]
    [InlineData("[^,;]*")]
    [InlineData(@"\(0[0-9]{2,3}\) ?[0-9]{7,8}")]
    [InlineData(@"[\[\]\^\-\\]+")]
    [InlineData("(a|(b|c){2,}){3}")]
    [InlineData("-")]
    [InlineData("a{0,1}")]
    public void What_is_offered_is_accepted_and_a_regular_expression_of_dotnet(string pattern)
    {
        Assert.Null(QualityPattern.Check(pattern));
        _ = new Regex($@"\A(?:{pattern})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
    }

    [Theory]
    [InlineData("", "1 to 200")]
    [InlineData("(", "character 2")]
    [InlineData("()", "character 2")]
    [InlineData("a|", "character 3")]
    [InlineData("|a", "character 1")]
    [InlineData("a)", "character 2")]
    [InlineData("(?i)a", "character 2")]
    [InlineData("(?=a)", "character 2")]
    [InlineData("(a", "character 1")]
    [InlineData(@"(a)\1", "character 4")]
    [InlineData(@"\d+", "character 1")]
    [InlineData(@"a\", "character 2")]
    [InlineData("^a$", "character 1")]
    [InlineData("a**", "character 3")]
    [InlineData("a+?", "character 3")]
    [InlineData("*a", "character 1")]
    [InlineData("a{", "character 2")]
    [InlineData("a{,3}", "character 2")]
    [InlineData("a{3,2}", "character 2")]
    [InlineData("a{0}", "character 2")]
    [InlineData("a{201}", "character 2")]
    [InlineData("a{2}{3}", "character 5")]
    [InlineData("[]", "character 1")]
    [InlineData("[a", "character 1")]
    [InlineData("[z-a]", "character 5")]
    [InlineData("[a-]", "character 5")]
    [InlineData("[[:alpha:]]", "character 2")]
    [InlineData("[a-z-[b]]", "character 5")]
    [InlineData("a]", "character 2")]
    [InlineData("***=a", "character 1")]
    [InlineData("((a{200}){200}){200}", "may come to 1000")]
    [InlineData("(((((((((((a)))))))))))", "10 deep")]
    [InlineData("\u0001", "control")]
    [InlineData("😀", "U+FFFF")]
    public void What_is_not_offered_is_told_with_its_place(string pattern, string complaint) => Assert.Contains(complaint, QualityPattern.Check(pattern));

    [Fact]
    public void Whatever_is_accepted_of_random_signs_is_an_expression_and_whatever_is_not_never_breaks_the_reader()
    {
        const string Signs = @"ab1-[](){}|?*+\.^$,&~ 区";
        var random = new Random(20261123);
        var accepted = 0;
        for (var round = 0; round < 200_000; round++)
        {
            var pattern = string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => Signs[random.Next(Signs.Length)]));
            if (QualityPattern.Check(pattern) is null)
            {
                accepted++;
                AssertIsExpression(pattern);
            }
        }

        Assert.InRange(accepted, 5_000, 150_000);
    }

    [SuppressMessage("Performance", "CA1806:Do not ignore method results", Justification = "it throws for what is none")]
    private static void AssertIsExpression(string pattern) => _ = new Regex($@"\A(?:{pattern})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
}
