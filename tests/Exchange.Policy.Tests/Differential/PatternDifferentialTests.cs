using System.Text;
using Exchange.Policy.Enforcement;
using Exchange.Policy.Tests.Enforcement;

namespace Exchange.Policy.Tests.Differential;

/// <summary>Random patterns that are not refused, on random texts, against the npm package.</summary>
public sealed class PatternDifferentialTests
{
    private const int Patterns = 2_000;
    private const int Texts = 30;

    private static readonly string[] GlobParts = ["a", "b", "ab", ".", ".x", "/", "/", "*", "*", "?", "**", "/**/", "[ab]", "[!a]", "[^b]", "[a-c]", "{a,b}", "{a/,}", "{*,x}", ",", "}", "{a}", "!", "\\*", "-", "()", "#", "x1", "[a"];
    private static readonly string[] RegexParts = ["a", "b", "ab", "a?", "b+", "a*?", "(a|b)", "(?:ab)+", "[ab]", "[^a]", "[a-c\\d]", "[\\W_]", "[-a]", "\\d", "\\w", "\\W", "\\s", "\\S", ".", "^", "$", "|", "{", "}", "{2}", "{1,2}", "]", "/", "\\/", "\\.", "\\x61", "\\u0062", "\\b", "(?=a)", "\\1", "*", ")", "[]"];
    private static readonly string[] PathParts = ["/a", "/b", "/:id", "/{id}", "/{x}", "/*", "/.", "/a.b", "*", "/(a|b)", "/[ab]", "/", "?"];
    private static readonly string[] TextParts = ["a", "b", "ab", "c", "x", "x1", ".", "..", "/", "/", "//", "*", "1", "_", "-", " ", "\n", "\u00e9", "\u0661", "?", "{", "}", ","];

    [Theory]
    [InlineData("globMatch")]
    [InlineData("regexMatch")]
    [InlineData("keyMatch")]
    [InlineData("keyMatch2")]
    [InlineData("keyMatch3")]
    [InlineData("keyMatch5")]
    public async Task A_pattern_that_is_not_refused_matches_what_it_matches_in_the_npm_package(string function)
    {
        using var casbin = CasbinProcess.Start();
        if (casbin is null)
        {
            Assert.Skip("the npm package `casbin` is not installed in tests/npm");
        }

        var random = new Random(20262);
        var parts = function switch { "globMatch" => GlobParts, "regexMatch" => RegexParts, _ => PathParts };
        var differences = new List<string>();
        var (accepted, held, not) = (0, 0, 0);
        for (var i = 0; i < Patterns && differences.Count < 10; i++)
        {
            var pattern = Join(random, parts, 5);
            var one = new PolicyCase(
                function,
                Engines.Model($"{function}(r.sub, p.sub)", "sub", "sub"),
                $"p, \"{pattern}\"",
                [.. Enumerable.Range(0, Texts).Select(_ => (object?[])[Join(random, TextParts, 6)])]);
            if (Engines.Build(one.Model, one.Policy).Value is not { } snapshot)
            {
                continue;
            }

            accepted++;
            var engine = new PolicyEngine(snapshot);
            var ours = string.Concat(one.Requests.Select(request => engine.Enforce(PolicyCase.Values(request)) ? '1' : '0'));
            var theirs = await casbin.AskAsync(one, TestContext.Current.CancellationToken);
            held += ours.Count(static answer => answer == '1');
            not += ours.Count(static answer => answer == '0');
            if (ours != theirs)
            {
                differences.Add($"{pattern}: {string.Join(" ", one.Requests.Select((request, at) => theirs[at] == ours[at] ? "" : $"`{request[0]}` {theirs[at]} not {ours[at]}").Where(static text => text.Length > 0))}");
            }
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));
        Assert.True(accepted > Patterns / 5 && held > 300 && not > 300, $"{accepted} accepted, {held} matches, {not} not");
    }

    private static string Join(Random random, string[] parts, int most)
    {
        var text = new StringBuilder();
        for (var i = random.Next(1, most + 1); i > 0; i--)
        {
            text.Append(parts[random.Next(parts.Length)]);
        }

        return text.ToString();
    }
}
