using System.Diagnostics;
using Exchange.Policy.Conditions;

namespace Exchange.Policy.Tests.Conditions;

public sealed class ConditionLogicTests
{
    [Theory]
    [InlineData("count = 5", "count > 4", true)]
    [InlineData("count = 5", "NOT count = 6", true)]
    [InlineData("count = 5 OR count = 6", "count > 4", true)]
    [InlineData("count = 5 OR count = 6", "count > 5", false)]
    [InlineData("count = 5 AND cost > 1", "count = 5 OR count = 7", true)]
    [InlineData("NOT (count = 5 OR count = 6)", "NOT count = 5", true)]
    [InlineData("count > 4", "count:*", true)]
    [InlineData("count > 4", "count > 3", false)]
    public void Implication_is_known_for_equalities_and_structure(string first, string second, bool implied) =>
        Assert.Equal(implied, ConditionLogic.Implies(Read(first), Read(second)));

    [Theory]
    [InlineData("count = 1 AND NOT count = 2", "count = 1")]
    [InlineData("(count = 1 OR count = 2) AND NOT count = 2", "count = 1")]
    [InlineData("count = 1 AND count = 2", "FALSE")]
    [InlineData("NOT count = 1 OR NOT count = 2", "")]
    [InlineData("NOT count = 1 AND NOT count = 2", "NOT (count = 1 OR count = 2)")]
    [InlineData("count = 1 OR NOT (count = 1 OR count = 2)", "NOT count = 2")]
    [InlineData("count = 1 OR (count = 1 AND cost > 2)", "count = 1")]
    [InlineData("count > 1 AND count:*", "count > 1")]
    [InlineData("cost > 1 OR NOT cost > 1", "")]
    [InlineData("cost > 1 AND NOT cost > 1", "FALSE")]
    public void A_condition_is_simplified_to_what_it_says(string filter, string simplified) =>
        Assert.Equal(simplified, Read(filter).ToString());

    [Theory]
    [InlineData("count = 1", "count = 2", "count = 1")]
    [InlineData("count = 1", "count > 0", "FALSE")]
    [InlineData("TRUE", "count = 1 AND secret = true", "NOT (count = 1 AND secret = true)")]
    [InlineData("count = 1 OR count = 2", "count = 2 OR cost > 1", "count = 1 AND NOT cost > 1")]
    public void What_is_excepted_is_taken_away(string condition, string exclusion, string left) =>
        Assert.Equal(left, ConditionLogic.Except(Read(condition), Read(exclusion)).ToString());

    [Fact]
    public void The_deepest_filters_are_compared_in_bounded_time()
    {
        var (first, second) = (Read(Deepest(0)), Read(Deepest(1)));
        var watch = Stopwatch.StartNew();

        _ = ConditionLogic.Implies(first, second);
        _ = ConditionLogic.Excludes(first, second);
        _ = ConditionLogic.Except(first, second);

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    private static string Deepest(int shift)
    {
        var filter = "count > 1000";
        for (var level = 0; level < ConditionParser.DeepestNesting; level++)
        {
            filter = level % 2 is 0
                ? $"({filter} AND cost > {level} AND count < {level + shift})"
                : $"({filter} OR cost < {level + shift} OR count != {level})";
        }

        return filter;
    }

    private static Condition Read(string filter) =>
        ConditionParser.Parse(filter, TestSchema.Instance).Condition ?? throw new ArgumentException(filter);
}
