using Exchange.Catalog.Governance;

namespace Exchange.Catalog.Tests.Departments;

public class DepartmentRulesTests
{
    [Fact]
    public void A_registered_department_stands_with_its_time_and_its_systems()
    {
        var decision = DepartmentRules.Register(GovernanceState.Empty, City.Department(City.Hotline, "hotline", "sms"), City.Noon);

        var state = GovernanceState.Empty.Apply(decision.Value.Event!, 1);

        Assert.Equal(City.Noon, state.Departments[City.Hotline.Value].CreateTime);
        Assert.Equal(City.Hotline, state.SourceSystems[new SourceSystemId("sms")]);
        Assert.Equal(1, state.Position);
    }

    [Fact]
    public void Every_bad_part_of_a_department_is_told_at_once()
    {
        var bad = City.Department(new DepartmentId("Tax"), "a", "a", "B!") with
        {
            DisplayName = "",
            DisplayNameZh = new string('字', 201),
            Level = AdministrativeLevel.Unspecified,
            Parent = new DepartmentId("nobody"),
        };

        var result = DepartmentRules.Register(City.State, bad, City.Noon);

        Assert.Equal(
            [
                "department_id INVALID_ID", "department.display_name INVALID_TEXT", "department.display_name_zh INVALID_TEXT",
                "department.level REQUIRED", "department.parent DEPARTMENT_NOT_FOUND",
                "department.source_systems[1] DUPLICATE", "department.source_systems[2] INVALID_ID",
            ],
            result.Violations());
        Assert.Equal(RefusalReason.BadRequest, result.Refusal?.Reason);
    }

    [Fact]
    public void A_department_cannot_stand_under_itself()
    {
        var result = DepartmentRules.Register(City.State, City.Department(new("tax")) with { Parent = new("tax") }, City.Noon);

        Assert.Equal(["department.parent DEPARTMENT_NOT_FOUND"], result.Violations());
    }

    [Fact]
    public void An_id_is_registered_once() =>
        Assert.Equal(RefusalReason.DepartmentExists, DepartmentRules.Register(City.State, City.Department(City.Hotline), City.Noon).Refusal?.Reason);

    [Fact]
    public void A_source_system_belongs_to_one_department()
    {
        var result = DepartmentRules.Register(City.State, City.Department(new("tax"), "forum"), City.Noon);

        Assert.Equal(RefusalReason.SourceSystemTaken, result.Refusal?.Reason);
        Assert.Equal("forum", result.Refusal?.Metadata["source_system"]);
    }

    [Theory]
    [InlineData("ab", true)]
    [InlineData("a", false)]
    [InlineData("1a", false)]
    [InlineData("a_b", false)]
    [InlineData("é-a", false)]
    [InlineData("tax-office-2", true)]
    [InlineData("a2345678901234567890123456789012345678901", false)]
    public void An_id_is_two_to_forty_lower_case_letters_digits_and_hyphens(string id, bool valid) =>
        Assert.Equal(valid, DepartmentId.IsValid(id));
}
