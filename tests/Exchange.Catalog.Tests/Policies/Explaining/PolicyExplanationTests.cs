using System.Collections.Immutable;
using Exchange.Catalog.Access;
using Exchange.Catalog.Policies;
using Exchange.Policy.Conditions;
using Exchange.Policy.Language;
using Exchange.Policy.Masks;

namespace Exchange.Catalog.Tests.Policies.Explaining;

public sealed class PolicyExplanationTests
{
    private static readonly Condition FromForum = ConditionForm.IsText(SystemAttributes.Opener, "petition-forum");
    private static readonly Mask LastFour = new(MaskKind.ShowLastN, 4);

    public static TheoryData<string, FieldAnswer> Answers => new()
    {
        { "", FieldAnswer.Withheld },
        { "deny", FieldAnswer.Withheld },
        { "allow", FieldAnswer.Shown },
        { "allow forum,allow", FieldAnswer.Shown },
        { "mask", FieldAnswer.Masked },
        { "null", FieldAnswer.Withheld },
        { "null forum,mask", FieldAnswer.ByRecord },
        { "allow forum,mask", FieldAnswer.ByRecord },
        { "deny forum,allow", FieldAnswer.ByRecord },
        { "allow forum,deny", FieldAnswer.ByRecord },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void A_field_is_shown_masked_or_withheld_in_every_record_or_it_depends(string rules, FieldAnswer expected) =>
        Assert.Equal(expected, PolicyExplanation.Of(Plan(rules)).Answer);

    [Fact]
    public void Of_one_record_the_first_rule_that_holds_decides_and_no_rule_withholds()
    {
        var plan = Plan("deny forum,mask");

        var forum = PolicyExplanation.Of(plan, new OpenedBy("petition-forum"));
        var other = PolicyExplanation.Of(plan, new OpenedBy("hotline-12345"));
        var none = PolicyExplanation.Of(Plan("allow forum"), new OpenedBy("hotline-12345"));

        Assert.Equal((FieldAnswer.Withheld, "ask them"), (forum.Answer, forum.NextStep));
        Assert.Equal(plan.Rules[0], Assert.Single(forum.Rules));
        Assert.Equal((FieldAnswer.Masked, ""), (other.Answer, other.NextStep));
        Assert.Equal(plan.Rules[1], Assert.Single(other.Rules));
        Assert.Equal(FieldAnswer.Withheld, none.Answer);
        Assert.Empty(none.Rules);
    }

    [Theory]
    [InlineData("allow", "allow forum,allow", true)]
    [InlineData("deny", "", true)]
    [InlineData("null", "deny", true)]
    [InlineData("allow forum,deny", "allow forum", true)]
    [InlineData("allow", "mask", false)]
    [InlineData("allow forum", "mask forum", false)]
    [InlineData("deny forum,allow", "allow", false)]
    [InlineData("mask", "deny", false)]
    public void Two_plans_show_the_same_when_readers_get_the_same_of_every_record(string one, string other, bool isSame)
    {
        var (first, second) = (PolicyExplanation.Of(Plan(one)), PolicyExplanation.Of(Plan(other)));

        Assert.Equal(isSame, first.ShowsAs(second));
        Assert.Equal(isSame, second.ShowsAs(first));
    }

    private static FieldPlan Plan(string rules) => new(
        City.Resource.Fields[0], [.. rules.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Rule)], "ask them");

    private static PlanRule Rule(string text, int index)
    {
        var condition = text.EndsWith(" forum", StringComparison.Ordinal) ? FromForum : Condition.Always;
        ImmutableArray<string> ids = [$"rule-{index}"];
        return text.Split(' ')[0] switch
        {
            "deny" => new(condition, RuleEffect.Deny, default, ids, "GRANT_REQUIRED"),
            "mask" => new(condition, RuleEffect.Allow, LastFour, ids, "GRANTED"),
            "null" => new(condition, RuleEffect.Allow, Mask.Null, ids, "GRANTED"),
            _ => new(condition, RuleEffect.Allow, Mask.None, ids, "OWNER"),
        };
    }

    private readonly struct OpenedBy(string department) : IRow
    {
        public FieldValue Get(int number) => number == SystemAttributes.Opener.Number ? FieldValue.Text(department) : default;
    }
}
