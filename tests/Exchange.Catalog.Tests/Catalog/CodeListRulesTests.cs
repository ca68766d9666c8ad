namespace Exchange.Catalog.Tests.Catalog;

public class CodeListRulesTests
{
    private static readonly CodeListId Status = new("status");

    [Fact]
    public void Versions_count_up_with_each_change()
    {
        var codes = City.State.CodeLists["status"].Codes;

        var result = CodeListRules.Publish(City.State, Status, codes.Add(new() { Code = "new" }));

        Assert.Equal(2, result.Value.Value.Version);
        Assert.Equal(1, City.State.CodeLists["status"].Version);
    }

    [Fact]
    public void The_same_codes_again_change_nothing()
    {
        var result = CodeListRules.Publish(City.State, Status, [.. City.State.CodeLists["status"].Codes.Select(code => code with { })]);

        Assert.Null(result.Value.Event);
        Assert.Equal(1, result.Value.Value.Version);
    }

    [Fact]
    public void A_published_code_is_retired_and_never_removed()
    {
        var removed = CodeListRules.Publish(City.State, Status, [new() { Code = "open" }]);
        var retired = CodeListRules.Publish(
            City.State, Status, [new() { Code = "open" }, new() { Code = "closed", Retired = true }, new() { Code = "lost", Retired = true }]);

        Assert.Equal(RefusalReason.CodeRemoved, removed.Refusal?.Reason);
        Assert.Equal(2, removed.Violations().Length);
        Assert.True(retired.Value.Value.Codes[1].Retired);
    }

    [Fact]
    public void Every_bad_code_is_told_at_once()
    {
        var result = CodeListRules.Publish(
            City.State, new CodeListId("X"), [new() { Code = "" }, new() { Code = "a" }, new() { Code = "a" }, new() { Code = new string('a', 101) }]);

        Assert.Equal(
            [
                "code_list.name INVALID_ID", "code_list.codes[0].code INVALID_TEXT", "code_list.codes[2].code DUPLICATE",
                "code_list.codes[3].code INVALID_TEXT",
            ],
            result.Violations());
    }
}
