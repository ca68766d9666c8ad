using Exchange.Policy.Conditions;

namespace Exchange.Policy.Tests.Conditions;

public sealed class ConditionEvaluatorTests
{
    private static readonly FieldValue[] Values =
    [
        default,
        FieldValue.Text("漏水 pipe"),
        FieldValue.Integer(5),
        FieldValue.Decimal(1.50m),
        FieldValue.Boolean(false),
        FieldValue.Date(16_466), // 2015-01-31
        FieldValue.Timestamp(1_422_662_400_000_001), // 2015-01-31T00:00:00.000001Z
        FieldValue.Text("WEB"),
        FieldValue.TextList(["漏", "b"]),
        FieldValue.Point(31, 120),
        default,
    ];

    [Theory]
    [InlineData("", true)]
    [InlineData("FALSE", false)]
    [InlineData("count = 5", true)]
    [InlineData("count != 5", false)]
    [InlineData("count > 4 AND count < 6 AND count >= 5 AND count <= 5", true)]
    [InlineData("cost = 1.5", true)]
    [InlineData("cost > 1.49999", true)]
    [InlineData("secret = false", true)]
    [InlineData("secret != true", true)]
    [InlineData("day = 2015-01-31", true)]
    [InlineData("day > 2015-01-31", false)]
    [InlineData("at > 2015-01-31T00:00:00Z", true)]
    [InlineData("at = 2015-01-31T08:00:00.000001+08:00", true)]
    [InlineData("channel = WEB OR channel = APP", true)]
    [InlineData("title > \"漏\"", true)]
    [InlineData("tags : b", true)]
    [InlineData("tags : c", false)]
    [InlineData("tags:* AND place:*", true)]
    public void Conditions_hold_where_they_should(string filter, bool holds) =>
        Assert.Equal(holds, ConditionEvaluator.Holds(Read(filter), new TestRow(Values)));

    [Theory]
    [InlineData("note = a")]
    [InlineData("note != a")]
    [InlineData("note < a")]
    [InlineData("note >= a")]
    [InlineData("note = a OR note = b")]
    [InlineData("note:*")]
    public void A_comparison_with_a_missing_value_is_false_and_its_negation_true(string filter)
    {
        Assert.False(ConditionEvaluator.Holds(Read(filter), new TestRow(Values)));
        Assert.True(ConditionEvaluator.Holds(Read($"NOT ({filter})"), new TestRow(Values)));
    }

    [Fact]
    public void A_text_search_asks_the_given_matcher()
    {
        var search = Read("title : pipe");

        Assert.True(ConditionEvaluator.Holds(search, new TestRow(Values), (text, asked) => text.EndsWith(asked.Phrase)));
        Assert.False(ConditionEvaluator.Holds(search, new TestRow(Values), (_, _) => false));
        Assert.Throws<InvalidOperationException>(() => ConditionEvaluator.Holds(search, new TestRow(Values)));
    }

    [Fact]
    public void Evaluation_allocates_nothing()
    {
        var condition = Read("(count = 5 OR cost > 2) AND (channel = WEB OR channel = APP) AND NOT (tags : c) AND title >= a AND at > 2015-01-31T00:00:00Z AND cost <= 2.5");
        var row = new TestRow(Values);
        var held = ConditionEvaluator.Holds(condition, row);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < 10_000; round++)
        {
            held &= ConditionEvaluator.Holds(condition, row);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.True(held);
    }

    [Fact]
    public void Attributes_of_a_condition_are_told_once_each()
    {
        var condition = Read("(count = 5 OR cost > 2) AND NOT (tags : c) AND count:* AND opener_department = x");

        Assert.Equal([-1, 2, 3, 8], ConditionForm.AttributeNumbers(condition));
        Assert.Equal(["opener_department", "count", "cost", "tags"], ConditionForm.Attributes(condition).Select(attribute => attribute.Name));
        Assert.False(ConditionForm.HasSearch(condition));
        Assert.True(ConditionForm.HasSearch(Read("NOT title : x")));
    }

    private static Condition Read(string filter) =>
        ConditionParser.Parse(filter, TestSchema.Instance).Condition ?? throw new ArgumentException(filter);
}
