using Exchange.Policy.Language;
using Exchange.Policy.Tests.Enforcement;

namespace Exchange.Policy.Tests.Language;

public sealed class ModelParserTests
{
    private const string Rest = "\n[policy_effect]\ne = some(where (p.eft == allow))\n[matchers]\nm = r.sub == p.sub\n";

    [Theory]
    [InlineData("[request_definition]\nr = sub\n[policy_definition]\np = sub\n[policy_effects]\n", 5, 1, "no section is called")]
    [InlineData("[request_definition]\nr = sub\n[request_definition]\nr2 = sub\n", 3, 1, "second time")]
    [InlineData("[request_definition]\nr = sub\nr = obj\n", 3, 1, "defined a second time")]
    [InlineData("[request_definition]\nr = sub, sub\n", 2, 9, "named twice")]
    [InlineData("[request_definition]\nr = sub, 1st\n", 2, 9, "not a name")]
    [InlineData("[request_definition]\nq = sub\n", 2, 1, "a key of this section")]
    [InlineData("[request_definition]\nr =\n", 2, 4, "has no value")]
    [InlineData("[request_definition]\n  sub, obj\n", 2, 3, "expected `key = value`")]
    [InlineData("r = sub\n", 1, 1, "before the first section")]
    [InlineData("[role_definition]\ng = _\n", 2, 5, "a role relation")]
    [InlineData("[policy_effect]\ne = all(where (p.eft == allow))\n", 2, 5, "not one of Casbin's")]
    public void What_cannot_be_a_model_is_refused_where_it_stands(string text, int line, int column, string reason)
    {
        var refusal = PolicyModel.Parse(text).Refusal;

        Assert.NotNull(refusal);
        Assert.Equal((SourcePosition.Model, line, column), (refusal.Source, refusal.Line, refusal.Column));
        Assert.Contains(reason, refusal.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_without_a_section_that_it_needs_is_refused() =>
        Assert.Contains("`[policy_definition]` is missing", PolicyModel.Parse("[request_definition]\nr = sub" + Rest).Refusal?.Reason, StringComparison.Ordinal);

    [Theory]
    [InlineData("r.sub == p.obj", 16, "`p` has no `obj`")]
    [InlineData("r.sub == q.sub", 14, "`q` is not known")]
    [InlineData("r.sub == p.sub &&", 22, "expected a value")]
    [InlineData("r.sub == 'ann", 14, "not closed")]
    [InlineData("r.sub & p.sub", 11, "means nothing")]
    [InlineData("likes(r.sub, p.sub)", 5, "no function")]
    [InlineData("keyMatch(r.sub)", 5, "takes 2 arguments")]
    [InlineData("g(r.sub)", 5, "takes 2 arguments")]
    [InlineData("eval(r.sub)", 5, "one column of the rule")]
    [InlineData("(r.sub == p.sub", 20, "expected `)`")]
    public void A_matcher_that_cannot_be_right_is_refused_where_it_stands(string matcher, int column, string reason)
    {
        var refusal = Engines.Build(Engines.Model(matcher, "sub", "sub"), "p, ann").Refusal;

        Assert.NotNull(refusal);
        Assert.Equal((SourcePosition.Model, 10, column), (refusal.Source, refusal.Line, refusal.Column));
        Assert.Contains(reason, refusal.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_matcher_goes_on_after_a_backslash_and_is_refused_on_the_line_where_it_is_wrong()
    {
        var refusal = Engines.Build(Engines.Model("r.sub == p.sub && \\\n  r.sub == p.nobody", "sub", "sub"), "").Refusal;

        Assert.Equal((11, 14), (refusal?.Line, refusal?.Column));
    }

    [Fact]
    public void Comments_byte_order_mark_and_a_hash_in_quotes_are_read_as_they_are_meant()
    {
        var model = "\uFEFF# first\r\n" + Engines.Model("r.sub == p.sub || r.sub == \"#1\" # a comment", "sub ; who", "sub").ReplaceLineEndings("\r\n");
        var engine = Engines.Of(model, "p, ann");

        Assert.True(engine.Enforce("ann"));
        Assert.True(engine.Enforce("#1"));
        Assert.False(engine.Enforce("bo"));
    }
}
