using Exchange.Catalog.Governance;
using Exchange.Policy.Conditions;

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

    [Fact]
    public void What_sources_codes_mean_is_published_with_the_list_and_may_change_and_go()
    {
        var first = Mapped(City.State, new("open", "city-a", "1"), new("closed", "city-a", "2"), new("lost", "city-b", "1"));
        var changed = Mapped(Applied(first), new SourcedCode("closed", "city-a", "1"));
        var gone = Mapped(Applied(changed));

        Assert.Equal([2, 3, 4], new[] { first, changed, gone }.Select(published => published.Value.Value.Version));
        Assert.True(first.Value.Value.TryMap("city-b", "1", out var lost));
        Assert.Equal("lost", lost.Code);
        Assert.False(first.Value.Value.TryMap("city-b", "2", out _));
        Assert.True(changed.Value.Value.TryMap("city-a", "1", out var closed));
        Assert.Equal("closed", closed.Code);
        Assert.False(changed.Value.Value.Maps("city-b"));
        Assert.Empty(gone.Value.Value.Mappings);
    }

    [Fact]
    public void A_list_that_comes_without_mappings_keeps_its_own()
    {
        var mapped = Applied(Mapped(City.State, new SourcedCode("open", "city-a", "1")));
        var codes = mapped.CodeLists["status"].Codes;

        var same = CodeListRules.Publish(mapped, Status, codes);
        var more = CodeListRules.Publish(mapped, Status, codes.Add(new() { Code = "new" }));

        Assert.Null(same.Value.Event);
        Assert.Null(Mapped(mapped, new SourcedCode("open", "city-a", "1")).Value.Event);
        Assert.Equal([new SourcedCode("open", "city-a", "1")], more.Value.Value.Mappings);
    }

    [Fact]
    public void Every_bad_mapping_is_told_at_once()
    {
        var result = Mapped(
            City.State,
            new("open", "City A", "1"), new("open", "city-a", ""), new("open", "city-a", "1"), new("closed", "city-a", "1"), new("odd", "city-a", "2"),
            new("open", "city-a", new string('a', 101)), new("lost", "city-b", "\n"));

        Assert.Equal(
            [
                "code_list.mappings[0].code_system INVALID_ID", "code_list.mappings[1].source_code INVALID_TEXT", "code_list.mappings[3].source_code DUPLICATE",
                "code_list.mappings[4].code CODE_NOT_FOUND", "code_list.mappings[5].source_code INVALID_TEXT", "code_list.mappings[6].source_code INVALID_TEXT",
            ],
            result.Violations());
        Assert.Equal(
            ["code_list.mappings TOO_MANY"],
            Mapped(City.State, [.. Enumerable.Range(0, CodeListRules.MostMappings + 1).Select(number => new SourcedCode("open", "city-a", $"{number}"))]).Violations());
    }

    [Fact]
    public void A_field_whose_list_ever_mapped_something_may_have_sources_codes_for_good()
    {
        var number = City.Resource.Fields.Single(field => field.CodeList == Status).Number;
        var mapped = Applied(Mapped(City.State, new SourcedCode("open", "city-a", "1")));
        var gone = Applied(Mapped(mapped), mapped);
        var republished = gone.Apply(new GovernanceEvent.ResourcePublished(new(City.Complaint, 2, City.Resource.Fields) { Department = City.Hotline }), gone.Position + 1);
        var late = mapped.Apply(new GovernanceEvent.ResourcePublished(new(new("late"), 1, City.Resource.Fields) { Department = City.Hotline }), mapped.Position + 1);

        Assert.Empty(City.State.Resources["complaint"].SourcedFields);
        Assert.All([mapped.Resources["complaint"], gone.Resources["complaint"], republished.Resources["complaint"], late.Resources["late"]], resource => Assert.Equal([number], resource.SourcedFields));
        Assert.Equal((1, City.Resource.DisplayName, City.Resource.Etag), (mapped.Resources["complaint"].Revision, mapped.Resources["complaint"].DisplayName, mapped.Resources["complaint"].Etag));
        Assert.Same(mapped.Resources, Applied(Mapped(mapped, new SourcedCode("closed", "city-a", "1")), mapped).Resources);
    }

    private static Result<GovernanceDecision<CodeList>> Mapped(GovernanceState state, params SourcedCode[] mappings) =>
        CodeListRules.Publish(state, Status, state.CodeLists["status"].Codes, [.. mappings]);

    private static GovernanceState Applied(Result<GovernanceDecision<CodeList>> decision, GovernanceState? before = null) =>
        (before ?? City.State).Apply(decision.Value.Event!, (before ?? City.State).Position + 1);
}
