using Exchange.Policy.Conditions;

namespace Exchange.Policy.Tests.Conditions;

public sealed class ConditionParserTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("  ", "")]
    [InlineData("count=5", "count = 5")]
    [InlineData("count = -5", "count = -5")]
    [InlineData("cost >= 12.50", "cost >= 12.50")]
    [InlineData("cost < 3", "cost < 3")]
    [InlineData("secret = true", "secret = true")]
    [InlineData("day <= 2015-01-31", "day <= 2015-01-31")]
    [InlineData("day = \"2015-01-31\"", "day = 2015-01-31")]
    [InlineData("at > 2015-01-31T08:00:00+08:00", "at > 2015-01-31T00:00:00Z")]
    [InlineData("at > 2015-01-31T08:00:00.1234567z", "at > 2015-01-31T08:00:00.123456Z")]
    [InlineData("at > 2015-01-31T23:30:00-03:30", "at > 2015-02-01T03:00:00Z")]
    [InlineData("at = 1965-01-01T00:00:00.000001Z", "at = 1965-01-01T00:00:00.000001Z")]
    [InlineData("channel = WEB", "channel = \"WEB\"")]
    [InlineData("channel != 'it''s'", null)]
    [InlineData("channel = 'it\\'s \\\\'", "channel = \"it's \\\\\"")]
    [InlineData("tags : \"漏 水\"", "tags : \"漏 水\"")]
    [InlineData("tags:*", "tags:*")]
    [InlineData("tags:\"*\"", "tags : \"*\"")]
    [InlineData("place:*", "place:*")]
    [InlineData("title : 漏水", "title : \"漏水\"")]
    [InlineData("opener_department = hotline", "opener_department = \"hotline\"")]
    [InlineData("create_time >= 2015-01-01T00:00:00Z", "create_time >= 2015-01-01T00:00:00Z")]
    [InlineData("-count = 5", "NOT count = 5")]
    [InlineData("NOT (count = 5)", "NOT count = 5")]
    [InlineData("NOT(count = 5)", "NOT count = 5")]
    [InlineData("NOT (NOT count = 5)", "count = 5")]
    [InlineData("TRUE", "")]
    [InlineData("NOT TRUE", "FALSE")]
    [InlineData("((count=5))", "count = 5")]
    [InlineData("count=1 OR count=2", "count = 1 OR count = 2")]
    [InlineData("count=1 AND secret=true AND TRUE", "count = 1 AND secret = true")]
    public void Filters_are_read_to_their_simplified_form(string filter, string? printed)
    {
        var parse = ConditionParser.Parse(filter, TestSchema.Instance);

        Assert.Equal(printed, parse.Condition?.ToString());
    }

    [Fact]
    public void Or_binds_tighter_than_and()
    {
        var parse = ConditionParser.Parse("secret = true AND count = 1 OR cost = 2", TestSchema.Instance);

        Assert.Equal("secret = true AND (count = 1 OR cost = 2)", parse.Condition?.ToString());
    }

    [Theory]
    [InlineData("nosuch = 1", 0, "UNKNOWN_FIELD")]
    [InlineData("count = 1 AND nosuch = 1", 14, "UNKNOWN_FIELD")]
    [InlineData("Count = 1", 0, "UNKNOWN_FIELD")]
    [InlineData("count = abc", 8, "WRONG_TYPE")]
    [InlineData("count = \"5\"", 8, "WRONG_TYPE")]
    [InlineData("count = 1.5", 8, "WRONG_TYPE")]
    [InlineData("count = 9223372036854775808", 8, "WRONG_TYPE")]
    [InlineData("cost = 1e3", 7, "WRONG_TYPE")]
    [InlineData("cost = 1,5", 7, "WRONG_TYPE")]
    [InlineData("cost = 0.12345678901234567890123456789", 7, "WRONG_TYPE")]
    [InlineData("secret = yes", 9, "WRONG_TYPE")]
    [InlineData("day = 2015-02-29", 6, "WRONG_TYPE")]
    [InlineData("day = 31.01.2015", 6, "WRONG_TYPE")]
    [InlineData("at > 2015-01-31T08:00:00", 5, "ZONE_REQUIRED")]
    [InlineData("at > 2015-01-31", 5, "ZONE_REQUIRED")]
    [InlineData("at > 2015-01-31Z", 5, "WRONG_TYPE")]
    [InlineData("at > 2015-01-31T25:00:00Z", 5, "WRONG_TYPE")]
    [InlineData("at > 2015-01-31T08:00:60Z", 5, "WRONG_TYPE")]
    [InlineData("at > 0001-01-01T00:00:00+01:00", 5, "WRONG_TYPE")]
    [InlineData("at > yesterday", 5, "WRONG_TYPE")]
    [InlineData("secret < true", 0, "WRONG_OPERATOR")]
    [InlineData("tags = a", 0, "WRONG_OPERATOR")]
    [InlineData("place = 1", 0, "WRONG_OPERATOR")]
    [InlineData("channel : WEB", 0, "WRONG_OPERATOR")]
    [InlineData("count : 5", 0, "WRONG_OPERATOR")]
    [InlineData("note : water", 0, "NOT_SEARCHABLE")]
    [InlineData("title : \"，。!\"", 8, "EMPTY_PHRASE")]
    [InlineData("count", 5, "SYNTAX")]
    [InlineData("count =", 7, "SYNTAX")]
    [InlineData("count = AND", 8, "SYNTAX")]
    [InlineData("= 5", 0, "SYNTAX")]
    [InlineData("count = 1 secret = true", 10, "SYNTAX")]
    [InlineData("count = 1 and secret = true", 10, "SYNTAX")]
    [InlineData("count = 1 AND", 13, "SYNTAX")]
    [InlineData("(count = 1", 10, "SYNTAX")]
    [InlineData("count = 1)", 9, "SYNTAX")]
    [InlineData("title = \"open", 8, "SYNTAX")]
    [InlineData("title = \"open\\\"", 8, "SYNTAX")]
    [InlineData("()", 1, "SYNTAX")]
    [InlineData("a.b = 1", 0, "UNKNOWN_FIELD")]
    public void Bad_filters_are_refused_with_position_and_reason(string filter, int position, string reason)
    {
        var parse = ConditionParser.Parse(filter, TestSchema.Instance);

        Assert.False(parse.IsValid);
        Assert.Equal([(position, reason)], parse.Errors.Select(error => (error.Position, error.Reason)));
    }

    [Fact]
    public void All_bad_names_and_values_are_reported_at_once()
    {
        var parse = ConditionParser.Parse("nosuch = 1 OR count = x AND note : y", TestSchema.Instance);

        Assert.Equal([(0, "UNKNOWN_FIELD"), (22, "WRONG_TYPE"), (28, "NOT_SEARCHABLE")], parse.Errors.Select(error => (error.Position, error.Reason)));
    }

    [Fact]
    public void Messages_never_repeat_a_value()
    {
        var parse = ConditionParser.Parse("count = 13800000000x OR secret = 13800000000", TestSchema.Instance);

        Assert.Equal(2, parse.Errors.Length);
        Assert.All(parse.Errors, error => Assert.DoesNotContain("138", error.Message));
    }

    [Fact]
    public void The_longest_filter_is_8000_characters()
    {
        var longest = "title = \"" + new string('a', ConditionParser.LongestFilter - 10) + "\"";

        Assert.True(ConditionParser.Parse(longest, TestSchema.Instance).IsValid);
        Assert.Equal("TOO_LONG", Assert.Single(ConditionParser.Parse(longest + " ", TestSchema.Instance).Errors).Reason);
    }

    [Theory]
    [InlineData("title = \"a\0\"", 10)]
    [InlineData("title : a\0b", 9)]
    [InlineData("tags : \"\\\0\"", 9)]
    [InlineData("\0", 0)]
    public void U_0000_is_refused_where_it_stands(string filter, int position)
    {
        var error = Assert.Single(ConditionParser.Parse(filter, TestSchema.Instance).Errors);

        Assert.Equal((position, "INVALID_CHARACTER"), (error.Position, error.Reason));
    }

    [Fact]
    public void The_most_terms_are_200()
    {
        var terms = string.Join(" OR ", Enumerable.Range(0, 200).Select(number => $"count = {number}"));

        Assert.Equal(200, Assert.IsType<Condition.In>(ConditionParser.Parse(terms, TestSchema.Instance).Condition).Literals.Length);
        Assert.Equal("TOO_MANY_TERMS", Assert.Single(ConditionParser.Parse(terms + " OR count = 200", TestSchema.Instance).Errors).Reason);
    }

    [Fact]
    public void Parentheses_nest_50_deep()
    {
        static string Nested(int depth) => new string('(', depth) + "count = 1" + new string(')', depth);

        Assert.True(ConditionParser.Parse(Nested(50), TestSchema.Instance).IsValid);
        Assert.Equal((50, "TOO_DEEP"), ConditionParser.Parse(Nested(51), TestSchema.Instance).Errors.Select(error => (error.Position, error.Reason)).Single());
        Assert.Equal("TOO_DEEP", Assert.Single(ConditionParser.Parse(new string('(', 8_000), TestSchema.Instance).Errors).Reason);
    }

    [Fact]
    public void Parentheses_side_by_side_are_not_nested()
    {
        var filter = string.Join(" AND ", Enumerable.Repeat("(count = 1)", 100));

        Assert.True(ConditionParser.Parse(filter, TestSchema.Instance).IsValid);
    }
}
