using Exchange.Policy.Enforcement;
using Exchange.Policy.Matchers;
using Exchange.Policy.Tests.Enforcement;

namespace Exchange.Policy.Tests.Matchers;

public sealed class OperatorTests
{
    [Theory]
    [InlineData("r.sub == '1'", true)]
    [InlineData("r.sub == p.key", true)]
    [InlineData("r.sub == true", true)]
    [InlineData("r.sub === 1", true)]
    [InlineData("r.sub === '1'", false)]
    [InlineData("r.sub === p.key", false)]
    [InlineData("r.sub === true", false)]
    [InlineData("r.sub !== '1'", true)]
    [InlineData("r.sub !== 1", false)]
    [InlineData("(r.sub in ('1', 'x'))", false)]
    [InlineData("(r.sub in (1, 'x'))", true)]
    [InlineData("(r.sub in (p.key, true))", false)]
    public void Strict_equality_and_in_tell_a_number_from_a_text(string matcher, bool holds) =>
        Assert.Equal(holds, Engines.Of(Engines.Model($"{matcher} && p.key == '1'", "sub", "key"), "p, 1").Enforce(1));

    [Fact]
    public void A_strictly_equal_text_is_found_by_the_index()
    {
        var engine = Engines.Of(Engines.Model("r.sub === p.key", "sub", "key"), "p, ann\np, 1");

        Assert.True(engine.Enforce("ann"));
        Assert.True(engine.Enforce("1"));
        Assert.False(engine.Enforce(1));
        Assert.False(engine.Enforce("bo"));
    }

    [Fact]
    public void A_list_of_the_request_holds_values_of_the_same_kind_only()
    {
        var engine = Engines.Of(Engines.Model("(p.key in r.sub)", "sub", "key"), "p, 1");

        Assert.True(engine.Enforce(PolicyValue.Of(["0", "1"])));
        Assert.False(engine.Enforce(PolicyValue.Of([1, true])));
    }

    [Theory]
    [InlineData("(r.sub || r.alt) == p.key", 12, "`||` gives one of its sides")]
    [InlineData("(r.sub && r.alt) == p.key", 12, "`&&` gives one of its sides")]
    [InlineData("p.key == (r.sub == 'x' || r.alt)", 28, "`||` gives one of its sides")]
    [InlineData("g(r.sub || r.alt, p.key)", 13, "`||` gives one of its sides")]
    [InlineData("(r.sub in (r.alt || 'x', 'y'))", 22, "`||` gives one of its sides")]
    [InlineData("r.sub == p.key && 2", 23, "of numbers only 0 and 1")]
    public void A_value_that_npm_would_take_for_something_else_is_refused(string matcher, int column, string reason)
    {
        var refusal = Engines.Build(Engines.Model(matcher, "sub, alt", "key"), "p, 1").Refusal;

        Assert.Equal((10, column), (refusal?.Line, refusal?.Column));
        Assert.Contains(reason, refusal?.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(r.sub == p.key || r.alt == p.key) == true")]
    [InlineData("(!r.sub || g(r.sub, p.key)) == (keyMatch(r.sub, 'a*') && r.alt != 'x')")]
    [InlineData("(r.sub == 'ann' ? r.sub || r.alt : r.alt) && r.sub == p.key")]
    public void Logic_between_truths_has_a_value_and_logic_of_a_choice_is_a_condition(string matcher) =>
        Assert.True(Engines.Of(Engines.Model(matcher, "sub, alt", "key"), "p, ann").Enforce("ann", ""));

    [Fact]
    public void A_number_other_than_0_and_1_is_no_condition()
    {
        var engine = Engines.Of(Engines.Model("r.level && r.sub == p.key", "sub, level", "key"), "p, ann");

        Assert.True(engine.Enforce("ann", 1));
        Assert.Null(engine.EnforceEx("ann", 0).Failure);
        Assert.Contains("a condition is true or false", engine.EnforceEx("ann", 3).Failure?.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_left_side_of_in_is_compiled_once()
    {
        // Compiled once per item, and these would be 3 to the power of 40.
        var chain = "r.sub" + string.Concat(Enumerable.Repeat(" in ('a', 'b', 'c')", 40));
        var engine = Engines.Of(Engines.Model($"({chain}) || r.sub == p.key", "sub", "key"), "p, ann");

        Assert.True(engine.Enforce("ann"));
        Assert.False(engine.Enforce("bo"));
    }

    [Fact]
    public void A_null_character_behind_a_number_makes_it_no_number() =>
        Assert.False(Engines.Of(Engines.Model("r.sub == 1 && p.key == 'x'", "sub", "key"), "p, x").Enforce("1\0"));

    [Fact]
    public void Values_are_equal_only_in_kind_and_content()
    {
        PolicyValue[] values = ["1", "1.0", 1, true, default, 0, ""];

        Assert.Equal(values.Length, values.Distinct().Count());
        Assert.True(PolicyValue.Of("1") == "1");
        Assert.True(PolicyValue.Of("1") != 1);
    }
}
