using System.Text;
using Exchange.Catalog.Records;
using Exchange.Policy.Conditions;

namespace Exchange.Catalog.Tests.Records;

public class ValueRulesTests
{
    private static string? Check(FieldType type, FieldValue value)
    {
        var field = City.Field("field", 1, type) with { MaxLength = 3 };
        var complaint = ValueRules.Check(field, City.State.CodeLists["status"], value);
        if (value.Type is FieldType.Text)
        {
            // A text that stands as UTF-8 is the same text.
            var utf8 = Encoding.UTF8.GetBytes(value.AsText);
            Assert.Equal(complaint, ValueRules.Check(field, City.State.CodeLists["status"], FieldValue.LentText(utf8, 0, utf8.Length)));
        }

        return complaint?.Reason;
    }

    [Fact]
    public void Text_is_counted_in_characters_and_not_in_bytes_or_surrogates()
    {
        Assert.Null(Check(FieldType.Text, FieldValue.Text("管道𠮷")));
        Assert.Equal(FieldError.TooLong, Check(FieldType.Text, FieldValue.Text("abcd")));
        Assert.Equal(FieldError.TooLong, Check(FieldType.Text, FieldValue.Text("管道𠮷𠮷")));
    }

    [Fact]
    public void Text_that_the_database_cannot_hold_is_refused()
    {
        Assert.Equal(FieldError.OutOfRange, Check(FieldType.Text, FieldValue.Text("a\0")));
        Assert.Equal(FieldError.OutOfRange, Check(FieldType.TextList, FieldValue.TextList(["a", "\0"])));
    }

    [Theory]
    [InlineData("open", null)]
    [InlineData("lost", FieldError.UnknownCode)]
    [InlineData("OPEN", FieldError.UnknownCode)]
    [InlineData("", FieldError.UnknownCode)]
    public void A_code_is_in_the_list_and_not_retired(string code, string? reason) =>
        Assert.Equal(reason, Check(FieldType.Code, FieldValue.Code(code)));

    [Fact]
    public void A_code_is_not_a_text_and_a_date_not_a_timestamp()
    {
        Assert.Equal(FieldError.WrongType, Check(FieldType.Code, FieldValue.Text("open")));
        Assert.Equal(FieldError.WrongType, Check(FieldType.Date, FieldValue.Timestamp(0)));
    }

    [Fact]
    public void A_complaint_names_the_type_or_the_code_list_and_never_the_value()
    {
        var types = Enum.GetValues<FieldType>().Where(type => type is not FieldType.Unspecified).ToDictionary(type => type, type => ValueRules.Check(
            City.Field("field", 1, type), City.State.CodeLists["status"], type is FieldType.Integer ? FieldValue.Text("4711") : FieldValue.Integer(4711))!.Message);
        var code = ValueRules.Check(City.Field("field", 1, FieldType.Code), City.State.CodeLists["status"], FieldValue.Code("4711"))!.Message;
        var retired = ValueRules.Check(City.Field("field", 1, FieldType.Code), Retired("4711"), FieldValue.Code("4711"))!.Message;

        Assert.Equal("the field is a TEXT_LIST: send the value as `text_list`", types[FieldType.TextList]);
        Assert.Equal(types.Count, types.Values.Distinct().Count());
        Assert.All(types, told => Assert.Contains(told.Key.ToString(), told.Value.Replace("_", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase));
        Assert.StartsWith("the code is not in the code list `status`: ", code, StringComparison.Ordinal);
        Assert.StartsWith("the code is retired in the code list `status`: ", retired, StringComparison.Ordinal);
        Assert.All([.. types.Values, code, retired], told => Assert.DoesNotContain("4711", told, StringComparison.Ordinal));
    }

    private static CodeList Retired(string code) => new(new CodeListId("status"), 1, [new CodeEntry { Code = code, Retired = true }]);

    [Fact]
    public void Dates_and_timestamps_lie_in_the_years_1_to_9999()
    {
        var first = new DateOnly(1, 1, 1).DayNumber - new DateOnly(1970, 1, 1).DayNumber;
        var last = DateOnly.MaxValue.DayNumber - new DateOnly(1970, 1, 1).DayNumber;

        Assert.Null(Check(FieldType.Date, FieldValue.Date(first)));
        Assert.Null(Check(FieldType.Date, FieldValue.Date(last)));
        Assert.Equal(FieldError.OutOfRange, Check(FieldType.Date, FieldValue.Date(first - 1)));
        Assert.Equal(FieldError.OutOfRange, Check(FieldType.Date, FieldValue.Date(last + 1)));
        Assert.Null(Check(FieldType.Timestamp, FieldValue.Timestamp(((last + 1L) * 86_400_000_000) - 1)));
        Assert.Equal(FieldError.OutOfRange, Check(FieldType.Timestamp, FieldValue.Timestamp((last + 1L) * 86_400_000_000)));
    }

    [Theory]
    [InlineData(90, 180, true)]
    [InlineData(-90, -180, true)]
    [InlineData(90.1, 0, false)]
    [InlineData(0, -180.1, false)]
    public void A_point_lies_on_earth(double latitude, double longitude, bool good) =>
        Assert.Equal(good, Check(FieldType.Point, FieldValue.Point(latitude, longitude)) is null);

    [Fact]
    public void A_list_has_at_most_a_thousand_texts()
    {
        Assert.Null(Check(FieldType.TextList, FieldValue.TextList([.. Enumerable.Repeat("a", 1_000)])));
        Assert.Equal(FieldError.TooLong, Check(FieldType.TextList, FieldValue.TextList([.. Enumerable.Repeat("a", 1_001)])));
        Assert.Equal(FieldError.TooLong, Check(FieldType.TextList, FieldValue.TextList([new string('a', 4_001)])));
    }
}
