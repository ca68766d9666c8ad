using Exchange.Policy.Conditions;

namespace Exchange.Policy.Tests.Conditions;

public sealed class NamedConditionTests
{
    [Theory]
    [InlineData("record.secret = true", "secret = true AND count > 1")]
    [InlineData("record.secret != true", "NOT (secret = true AND count > 1)")]
    [InlineData("record.secret = false", "NOT (secret = true AND count > 1)")]
    [InlineData("NOT record.secret = false", "secret = true AND count > 1")]
    [InlineData("title = caller.name", "title = \"ann\"")]
    [InlineData("channel = caller.name", "channel = \"ann\"")]
    [InlineData("title = \"caller.name\"", "title = \"caller.name\"")]
    [InlineData("tags : caller.name", "tags : \"ann\"")]
    [InlineData("title = caller.missing", "FALSE")]
    [InlineData("title != caller.missing", "FALSE")]
    [InlineData("NOT title = caller.missing", "")]
    [InlineData("count = 1 OR title = caller.missing", "count = 1")]
    public void A_schema_may_name_conditions_and_values(string filter, string printed) =>
        Assert.Equal(printed, ConditionParser.Parse(filter, new Names()).Condition?.ToString());

    [Theory]
    [InlineData("title = caller.nobody", 8, "UNKNOWN_FIELD")]
    [InlineData("count = caller.name", 8, "WRONG_TYPE")]
    [InlineData("count = caller.missing", 8, "WRONG_TYPE")]
    [InlineData("record.secret < true", 0, "WRONG_OPERATOR")]
    [InlineData("record.secret:*", 0, "WRONG_OPERATOR")]
    [InlineData("record.secret = yes", 16, "WRONG_TYPE")]
    [InlineData("record.secret = 'true'", 16, "WRONG_TYPE")]
    [InlineData("caller.name = x", 0, "UNKNOWN_FIELD")]
    public void A_name_that_does_not_fit_is_refused_at_its_place(string filter, int position, string reason)
    {
        var error = Assert.Single(ConditionParser.Parse(filter, new Names()).Errors);

        Assert.Equal((position, reason), (error.Position, error.Reason));
    }

    [Fact]
    public void A_name_that_means_nothing_is_refused_with_the_names_there_are() => Assert.Equal(
        "there is no `caller.nobody`, there are `caller.name` and `caller.missing`; put a text in quotes",
        Assert.Single(ConditionParser.Parse("title = caller.nobody", new Names()).Errors).Message);

    [Fact]
    public void A_schema_without_names_reads_them_as_text() =>
        Assert.Equal("title = \"caller.name\"", ConditionParser.Parse("title = caller.name", TestSchema.Instance).Condition?.ToString());

    private sealed class Names : IConditionSchema
    {
        public bool TryResolve(string name, out AttributeRef attribute) => TestSchema.Instance.TryResolve(name, out attribute);

        public bool IsSearchable(AttributeRef attribute) => false;

        public Condition? Define(string name) => name is "record.secret" ? ConditionParser.Parse("secret = true AND count > 1", TestSchema.Instance).Condition : null;

        public NamedValue? ResolveValue(string text, string comparator) => text switch
        {
            "caller.name" => NamedValue.Of("ann"),
            "caller.missing" => NamedValue.Of(null),
            _ when text.StartsWith("caller.", StringComparison.Ordinal) => NamedValue.Unknown("`caller.name` and `caller.missing`"),
            _ => null,
        };
    }
}
