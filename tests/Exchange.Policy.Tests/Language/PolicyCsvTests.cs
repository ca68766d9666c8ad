using Exchange.Policy.Enforcement;
using Exchange.Policy.Language;
using Exchange.Policy.Tests.Enforcement;

namespace Exchange.Policy.Tests.Language;

public sealed class PolicyCsvTests
{
    [Fact]
    public void Quotes_parentheses_comments_and_empty_lines_are_read_as_casbin_reads_them()
    {
        var rules = PolicyRules.Parse(""""
            # a comment
            p, "a, b", say ""hi"", f(x , y)
            
              g,  ann ,	admin
            p, "he said ""no""",,
            """").Value;

        Assert.NotNull(rules);
        Assert.Equal(["a, b", "say \"hi\"", "f(x,y)"], rules.Rows[0].Values);
        Assert.Equal(["ann", "admin"], rules.Rows[1].Values);
        Assert.Equal(["he said \"no\"", "", ""], rules.Rows[2].Values);
        Assert.Equal([2, 4, 5], rules.Rows.Select(static row => row.Line));
    }

    [Theory]
    [InlineData("p, ann, \"data", 9, "not closed")]
    [InlineData("p, \"ann\" x", 10, "after a closing quote")]
    [InlineData("p, f(x", 5, "not closed")]
    [InlineData("p, x)", 5, "without an opening")]
    [InlineData("q, ann", 1, "begins with its type")]
    public void What_cannot_be_a_policy_is_refused_where_it_stands(string row, int column, string reason)
    {
        var refusal = PolicyRules.Parse("\n" + row).Refusal;

        Assert.NotNull(refusal);
        Assert.Equal((SourcePosition.Policy, 2, column), (refusal.Source, refusal.Line, refusal.Column));
        Assert.Contains(reason, refusal.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("p, ann, data1", 1, "has 3 values, not 2")]
    [InlineData("p, ann, data1, read, allow", 22, "has 3 values, not 4")]
    [InlineData("p2, ann, data1, read", 1, "does not define `p2`")]
    [InlineData("g, ann", 1, "has 2 values, not 1")]
    public void A_row_that_does_not_fit_the_model_is_refused(string row, int column, string reason)
    {
        var refusal = Engines.Build(Engines.Basic, row).Refusal;

        Assert.NotNull(refusal);
        Assert.Equal((SourcePosition.Policy, 1, column), (refusal.Source, refusal.Line, refusal.Column));
        Assert.Contains(reason, refusal.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("regexMatch(r.sub, p.sub)", "p, [a", "is not a pattern")]
    [InlineData("regexMatch(r.sub, p.sub)", "p, (?=a)b", "looks around")]
    [InlineData("regexMatch(r.sub, p.sub)", "p, (?<!a)b", "looks around")]
    [InlineData("regexMatch(r.sub, p.sub)", "p, (a)\\1", "`\\` does not stand before")]
    [InlineData("regexMatch(r.sub, p.sub)", "p, \\bread", "`\\` does not stand before")]
    [InlineData("regexMatch(r.sub, p.sub)", "p, \\p{L}", "`\\` does not stand before")]
    [InlineData("regexMatch(r.sub, p.sub)", "p, ^*a", "nothing stands before the `*`")]
    [InlineData("regexMatch(r.sub, p.sub)", "p, []a]", "brackets are not closed, empty")]
    [InlineData("regexMatch(r.sub, p.sub)", "p, [a-\\d]", "a range that is none")]
    [InlineData("regexMatch(r.sub, p.sub)", "p, \"(a{1000}){1000}\"", "stands for more than")]
    [InlineData("regexMatch(r.sub, p.sub)", "p, a{1001}", "repetitions")]
    [InlineData("keyMatch2(r.sub, p.sub)", "p, *x", "nothing stands before the `*`")]
    [InlineData("keyMatch4(r.sub, p.sub)", "p, \"/(a|b)/{id}\"", "parentheses beside names")]
    [InlineData("globMatch(r.sub, p.sub)", "p, /{a}", "braces choose between parts")]
    [InlineData("globMatch(r.sub, p.sub)", "p, /{1..3}", "braces choose between parts")]
    [InlineData("globMatch(r.sub, p.sub)", "p, \"/{a,b\"", "a brace is not closed")]
    [InlineData("globMatch(r.sub, p.sub)", "p, \"{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}\"", "more than 1000 patterns")]
    [InlineData("globMatch(r.sub, p.sub)", "p, /[[:alpha:]]", "brackets hold letters")]
    [InlineData("globMatch(r.sub, p.sub)", "p, /[a", "brackets hold letters")]
    [InlineData("globMatch(r.sub, p.sub)", "p, \"/@(a|b)\"", "`@(…)` is not supported")]
    [InlineData("globMatch(r.sub, p.sub)", "p, /**/a/**", "`**` stands in a pattern once")]
    [InlineData("globMatch(r.sub, p.sub)", "p, /a/../b", "no segments of a pattern")]
    [InlineData("globMatch(r.sub, p.sub)", "p, !", "nothing stands behind")]
    [InlineData("ipMatch(r.sub, p.sub)", "p, 10.0.0.0/33", "prefix length")]
    [InlineData("eval(p.sub)", "p, r.sub ==", "expected a value")]
    [InlineData("eval(p.sub)", "p, eval(p.sub)", "cannot call `eval`")]
    public void A_rule_whose_value_cannot_be_used_by_the_matcher_is_refused(string matcher, string row, string reason)
    {
        var refusal = Engines.Build(Engines.Model(matcher, "sub", "sub"), row).Refusal;

        Assert.Equal((SourcePosition.Policy, 1), (refusal?.Source, refusal?.Line));
        Assert.Contains(reason, refusal?.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_written_out_is_read_back_the_same()
    {
        var rule = new PolicyRule("p", ["a, b", "say \"hi\"", " spaced", "plain"]);

        Assert.Equal([rule with { Values = ["a, b", "say \"hi\"", "spaced", "plain"] }], PolicyRules.Parse(rule.ToString()).Value!.Rows);
    }

    [Fact]
    public void Any_row_of_a_policy_written_out_is_one_line_and_read_back_the_same()
    {
        const string Signs = "ab,\"#() \t;\u0085\u2028\u00a0\\";
        var random = new Random(20263);
        for (var i = 0; i < 5_000; i++)
        {
            var values = Enumerable.Range(0, random.Next(1, 4)).Select(_ => new string([.. Enumerable.Range(0, random.Next(7)).Select(_ => Signs[random.Next(Signs.Length)])]));
            var rule = PolicyRules.Of([new PolicyRule("p", [.. values])]).Rows[0];

            var read = PolicyRules.Parse(rule.ToString());

            Assert.True(read.IsAccepted, $"{rule}: {read.Refusal}");
            Assert.Equal([rule], read.Value.Rows);
        }
    }

    [Theory]
    [InlineData("read\np, bo, data1, read")]
    [InlineData("read\rp, bo, data1, read")]
    public void A_value_with_a_line_break_is_refused_and_never_becomes_a_second_row(string action)
    {
        var rule = new PolicyRule("p", ["ann", "data1", action]);

        Assert.Contains("line break", PolicySnapshot.Build(PolicyModel.Parse(Engines.Basic).Value!, PolicyRules.Of([rule])).Refusal?.Reason, StringComparison.Ordinal);
        Assert.Single(PolicyRules.Parse(rule.ToString()).Value!.Rows);
    }

    [Theory]
    [InlineData("", "an effect is empty")]
    [InlineData("dney", "`dney` is nearly an effect")]
    [InlineData("Deny", "`Deny` is nearly an effect")]
    [InlineData("ALLOW", "`ALLOW` is nearly an effect")]
    [InlineData("denied", "`denied` is nearly an effect")]
    [InlineData("\u0661", "")]
    [InlineData("indeterminate", "")]
    public void An_effect_that_is_empty_or_nearly_one_is_refused(string effect, string reason)
    {
        var refusal = Engines.Build(Engines.Model("r.sub == p.sub", "sub", "sub, eft"), $"p, ann, {effect}").Refusal;

        Assert.Equal(reason.Length == 0, refusal is null);
        Assert.Contains(reason, refusal?.Reason ?? "", StringComparison.Ordinal);
        Assert.Equal(reason.Length == 0 ? 0 : 9, refusal?.Column ?? 0);
    }
}
