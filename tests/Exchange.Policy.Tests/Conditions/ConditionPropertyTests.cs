using Exchange.Policy.Conditions;
using FsCheck;
using FsCheck.Fluent;

namespace Exchange.Policy.Tests.Conditions;

public sealed class ConditionPropertyTests
{
    private static readonly Config Quick = Config.QuickThrowOnFailure.WithMaxTest(2_000);

    [Fact]
    public void A_printed_condition_reads_back_as_its_simplified_form() =>
        Prop.ForAll(ConditionGenerator.Conditions.ToArbitrary(), condition =>
        {
            var text = ConditionPrinter.Print(condition);
            if (text.Length > ConditionParser.LongestFilter)
            {
                return;
            }

            var parse = ConditionParser.Parse(text, TestSchema.Instance);

            Assert.Equal(ConditionForm.Simplify(condition), parse.Condition);
        }).Check(Quick);

    [Fact]
    public void Simplifying_keeps_the_meaning() =>
        Prop.ForAll(ConditionGenerator.Conditions.ToArbitrary(), ConditionGenerator.Rows.ToArbitrary(), (condition, row) =>
            Assert.Equal(ConditionEvaluator.Holds(condition, row), ConditionEvaluator.Holds(ConditionForm.Simplify(condition), row))).Check(Quick);

    [Fact]
    public void Simplifying_twice_changes_nothing() =>
        Prop.ForAll(ConditionGenerator.Conditions.ToArbitrary(), condition =>
        {
            var once = ConditionForm.Simplify(condition);

            Assert.Equal(once, ConditionForm.Simplify(once));
        }).Check(Quick);

    [Fact]
    public void What_is_implied_holds_wherever_the_condition_holds() =>
        Prop.ForAll(
            ConditionGenerator.Conditions.Select(ConditionForm.Simplify).ToArbitrary(),
            ConditionGenerator.Conditions.Select(ConditionForm.Simplify).ToArbitrary(),
            ConditionGenerator.Rows.ToArbitrary(),
            (first, second, row) =>
            {
                if (ConditionLogic.Implies(first, second) && ConditionEvaluator.Holds(first, row))
                {
                    Assert.True(ConditionEvaluator.Holds(second, row));
                }

                Assert.Equal(
                    ConditionEvaluator.Holds(first, row) && !ConditionEvaluator.Holds(second, row),
                    ConditionEvaluator.Holds(ConditionLogic.Except(first, second), row));
                if (ConditionLogic.Excludes(first, second) && ConditionEvaluator.Holds(first, row))
                {
                    Assert.False(ConditionEvaluator.Holds(second, row));
                }
            }).Check(Quick);

    [Fact]
    public void A_condition_implies_what_it_is_a_part_of() =>
        Prop.ForAll(
            ConditionGenerator.Conditions.Select(ConditionForm.Simplify).ToArbitrary(),
            ConditionGenerator.Conditions.Select(ConditionForm.Simplify).ToArbitrary(),
            (first, second) =>
            {
                Assert.True(ConditionLogic.Implies(first, first));
                Assert.True(ConditionLogic.Implies(first, Condition.Always));
                Assert.True(ConditionLogic.Implies(Condition.Never, second));
            }).Check(Quick);

    [Fact]
    public void Any_text_is_read_or_refused_but_never_breaks_the_reader()
    {
        var parts = Gen.Elements(
            "count", "title", "tags", "nosuch", "=", "!=", "<", ":", ":*", "(", ")", "-", "\"", "'", "\\", " ", "AND", "OR", "NOT", "TRUE", "1", "2015-01-31", "漏", "\uD840", "T08:00:00Z", "\0");

        Prop.ForAll(parts.ListOf().Select(list => string.Concat(list)).ToArbitrary(), text =>
        {
            var parse = ConditionParser.Parse(text, TestSchema.Instance);

            Assert.Equal(parse.IsValid, parse.Errors.IsEmpty);
            Assert.All(parse.Errors, error => Assert.InRange(error.Position, 0, text.Length));
        }).Check(Quick);
    }
}
