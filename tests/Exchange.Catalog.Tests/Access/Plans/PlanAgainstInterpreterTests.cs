using Exchange.Catalog.Access;
using Exchange.Catalog.Governance;
using Exchange.Catalog.Policies;
using Exchange.Policy.Conditions;
using Exchange.Policy.Masks;
using Exchange.Testing.Access;

namespace Exchange.Catalog.Tests.Access.Plans;

public sealed class PlanAgainstInterpreterTests
{
    private const int Cities = 80;
    private const int RowsPerCity = 25;

    [Fact]
    public void A_compiled_plan_decides_every_field_of_every_row_as_the_rules_say() => Compare(0, 200_000);

    [Fact]
    [Trait("Stage", "Full")]
    public void A_compiled_plan_decides_two_million_times_as_the_rules_say() => Compare(1_000_000, 2_000_000);

    [Theory]
    [InlineData(Mistake.PermitsGoFirst)]
    [InlineData(Mistake.FailuresAreSkipped)]
    [InlineData(Mistake.PermitsCountEverywhere)]
    [InlineData(Mistake.ForbidsCountForTheOwner)]
    [InlineData(Mistake.LevelsAreInherited)]
    public void The_comparison_finds_a_wrong_rule(Mistake mistake)
    {
        var differences = 0;
        foreach (var (city, plan, row) in Everything(Enumerable.Range(0, 40)))
        {
            var rules = new short[plan.Fields.Length];
            new PlanEvaluator(plan).Evaluate(row, rules);
            var interpreter = Interpreter(city, plan, mistake);
            differences += plan.Fields.Index().Count(item => interpreter.See(item.Item.Field, row) != Planned(item.Item, rules[item.Index]));
        }

        Assert.InRange(differences, 20, int.MaxValue);
    }

    private static void Compare(int firstSeed, int least)
    {
        var (decisions, allowed, masked, confidential, permitted, forbidden, failed) = (0, 0, 0, 0, 0, 0, 0);
        foreach (var (city, plan, row) in Everything(Enumerable.Range(firstSeed, int.MaxValue - firstSeed)))
        {
            var rules = new short[plan.Fields.Length];
            var evaluator = new PlanEvaluator(plan);
            var interpreter = Interpreter(city, plan);
            var isVisible = evaluator.Evaluate(row, rules);
            var seen = plan.Fields.Select(field => interpreter.See(field.Field, row)).ToList();

            Assert.Equal(seen.Exists(mask => mask is not null), isVisible);
            Assert.Equal(isVisible, ConditionEvaluator.Holds(plan.RowVisible, row));
            foreach (var (index, field) in plan.Fields.Index())
            {
                var planned = Planned(field, rules[index]);

                Assert.True(seen[index] == planned, $"city {city.Seed}, {Describe(plan, field, row)}: the rules say {seen[index]}, the plan {planned}");
                Assert.Equal(planned is not null, ConditionEvaluator.Holds(field.Allowed, row));
                Assert.Equal(planned is { Hides: false }, ConditionEvaluator.Holds(field.AllowedUnmasked, row));
                var explained = PolicyExplanation.Of(field, row);
                var reason = explained.Rules is [var rule] ? rule.Reason : PlanReason.DefaultDeny;
                Assert.Equal(planned is null or { Kind: MaskKind.Null }, explained.Answer is FieldAnswer.Withheld);
                Assert.True(!field.IsDenied || planned is null);
                decisions++;
                allowed += planned is null ? 0 : 1;
                masked += planned is { Hides: true } ? 1 : 0;
                confidential += reason is PlanReason.Confidential ? 1 : 0;
                permitted += reason is PlanReason.Permitted ? 1 : 0;
                forbidden += reason is PlanReason.Forbidden ? 1 : 0;
                failed += reason is PlanReason.RuleFailed ? 1 : 0;
            }

            if (decisions >= least)
            {
                break;
            }
        }

        Assert.InRange(allowed, decisions / 10, decisions * 9 / 10);
        Assert.All([masked, confidential, permitted, forbidden, failed], count => Assert.InRange(count, decisions / 100, decisions));
    }

    [Fact]
    public void A_field_that_may_stand_in_a_filter_is_seen_unmasked_in_every_visible_row()
    {
        var filterable = 0;
        foreach (var (_, plan, row) in Everything())
        {
            var rules = new short[plan.Fields.Length];
            if (!new PlanEvaluator(plan).Evaluate(row, rules))
            {
                continue;
            }

            foreach (var (index, field) in plan.Fields.Index().Where(item => plan.CanFilterBy(item.Item.Field.Number)))
            {
                Assert.NotEqual(PlanEvaluator.Denied, rules[index]);
                Assert.False(field.Rules[rules[index]].Mask.Hides);
                filterable++;
            }
        }

        Assert.InRange(filterable, 5_000, int.MaxValue);
    }

    [Fact]
    public void A_plan_says_the_same_until_it_expires()
    {
        var later = RandomCity.Now.AddMinutes(30);
        var (kept, ended) = (0, 0);
        foreach (var (city, plan, row) in Everything())
        {
            if (!plan.IsCurrent(later))
            {
                ended++;
                continue;
            }

            var rules = new short[plan.Fields.Length];
            new PlanEvaluator(plan).Evaluate(row, rules);
            foreach (var (index, field) in plan.Fields.Index())
            {
                Assert.Equal(Interpreter(city, plan, now: later).See(field.Field, row), Planned(field, rules[index]));
                kept++;
            }
        }

        Assert.InRange(kept, 10_000, int.MaxValue);
        Assert.InRange(ended, 100, int.MaxValue);
    }

    [Fact]
    public void A_field_that_shows_more_than_under_the_earlier_plan_is_told()
    {
        var (widened, told) = (0, 0);
        for (var seed = 0; seed < 2 * Cities; seed++)
        {
            var city = new RandomCity(seed);
            var before = city.State;
            for (var change = 0; change < 3; change++)
            {
                city.Change();
            }

            foreach (var caller in RandomCity.Departments)
            {
                var earlier = Compile(before, caller, Purpose.Analysis);
                var plan = Compile(city.State, caller, Purpose.Analysis);
                var named = plan.WidenedFrom(earlier);
                told += named.Length;
                Assert.Empty(plan.WidenedFrom(plan));
                for (var count = 0; count < RowsPerCity; count++)
                {
                    var row = city.Row();
                    foreach (var field in plan.Resource.Fields)
                    {
                        var then = new AccessInterpreter(before, caller, PolicyAction.Read, Purpose.Analysis, RandomCity.Now).See(field, row);
                        var now = new AccessInterpreter(city.State, caller, PolicyAction.Read, Purpose.Analysis, RandomCity.Now).See(field, row);
                        var showsMore = now is not null && then != now && then is not { Hides: false };

                        Assert.True(!showsMore || named.Contains(field.Number));
                        widened += showsMore ? 1 : 0;
                    }
                }
            }
        }

        Assert.InRange(widened, 1_000, int.MaxValue);
        Assert.InRange(told, 50, int.MaxValue);
    }

    private static IEnumerable<(RandomCity City, AccessPlan Plan, CityRow Row)> Everything(IEnumerable<int>? seeds = null)
    {
        foreach (var seed in seeds ?? Enumerable.Range(0, Cities))
        {
            var city = new RandomCity(seed);
            var rows = Enumerable.Range(0, RowsPerCity).Select(_ => city.Row()).ToList();
            var action = seed % 2 is 0 ? PlanAction.Pull : PlanAction.Follow;
            foreach (var caller in RandomCity.Departments)
            {
                foreach (var purpose in RandomCity.Purposes)
                {
                    var plan = Compile(city.State, caller, purpose, action);
                    foreach (var row in rows)
                    {
                        yield return (city, plan, row);
                    }
                }
            }
        }
    }

    private static string Describe(AccessPlan plan, FieldPlan field, CityRow row) =>
        $"{plan.Caller} {plan.Action} {plan.Purpose}, `{field.Field.Name}` of {field.Field.Owner} in a record of {row.Opener} for {row["responsible"]}, severity {row.Severity}, "
        + $"confidential {row.IsConfidential}\n{string.Join('\n', field.Rules.Select(rule => $"  {rule.Reason} {string.Join(' ', rule.RuleIds)} where {rule.Condition}"))}\n";

    private static Mask? Planned(FieldPlan field, short rule) => rule is PlanEvaluator.Denied ? null : field.Rules[rule].Mask;

    private static AccessInterpreter Interpreter(RandomCity city, AccessPlan plan, Mistake mistake = Mistake.None, DateTimeOffset? now = null) => new(
        city.State, plan.Caller, plan.Action is PlanAction.Follow ? PolicyAction.Follow : PolicyAction.Read, plan.Purpose, now ?? RandomCity.Now, mistake);

    private static AccessPlan Compile(GovernanceState state, DepartmentId caller, Purpose purpose, PlanAction action = PlanAction.Pull) =>
        AccessPlanCompiler.Compile(
            state, new Caller(caller, new ClientId("machine"), Role.DepartmentSystem), RandomCity.Resource, action, purpose, state.Position, RandomCity.Now).Value;
}
