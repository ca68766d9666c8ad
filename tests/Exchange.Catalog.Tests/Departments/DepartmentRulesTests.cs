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

    [Fact]
    public void Attributes_have_names_of_their_own_and_values_of_1_to_200_characters()
    {
        var right = City.Department(new("tax")).Having(("district", "东城区"), ("zone_2", new string('z', 200)), (new string('a', 40), "1"));
        var wrong = City.Department(new("tax")).Having(("District", "east"), ("", "x"), (new string('a', 41), "x"), ("level", "city"), ("empty", ""), ("long", new string('z', 201)), ("line", "a\nb"));
        var many = City.Department(new("tax")).Having([.. Enumerable.Range(0, 21).Select(number => ($"a{number}", "x"))]);

        Assert.Empty(DepartmentRules.Register(City.State, right, City.Noon).Violations());
        Assert.Equal(
            [
                "department.attributes[] INVALID_ID", "department.attributes[District] INVALID_ID", $"department.attributes[{new string('a', 40)}…] INVALID_ID",
                "department.attributes[empty] INVALID_TEXT", "department.attributes[level] RESERVED", "department.attributes[line] INVALID_TEXT",
                "department.attributes[long] INVALID_TEXT",
            ],
            DepartmentRules.Register(City.State, wrong, City.Noon).Violations());
        Assert.Equal(["department.attributes TOO_MANY"], DepartmentRules.Register(City.State, many, City.Noon).Violations());
    }

    [Fact]
    public void Names_and_attributes_are_replaced_and_all_else_stays_as_registered()
    {
        var registered = City.State.Departments[City.Hotline.Value];
        var given = new Department { Id = City.Hotline, DisplayName = "Hotline 12345", DisplayNameZh = "热线", Level = default }.Having(("district", "east"));

        var updated = DepartmentRules.Update(City.State, given, registered.Etag).Value;
        var state = City.State.Apply(updated.Event!, City.State.Position + 1);
        var again = DepartmentRules.Update(state, updated.Value, registered.Etag).Value;

        Assert.Equal(
            registered with { DisplayName = "Hotline 12345", DisplayNameZh = "热线", Attributes = given.Attributes, Revision = 2 }, state.Departments[City.Hotline.Value]);
        Assert.Equal((updated.Value, null), (again.Value, again.Event));
        Assert.Equal(City.Hotline, state.SourceSystems[new SourceSystemId("hotline")]);
    }

    [Fact]
    public void What_was_registered_cannot_be_changed_and_a_stale_etag_is_refused()
    {
        var hotline = City.State.Departments[City.Hotline.Value];
        var other = hotline.Having(("role", "x")) with { DisplayName = "", Level = AdministrativeLevel.Grid, Parent = City.Forum, SourceSystems = [new("other")] };

        Assert.Equal(
            ["department.display_name INVALID_TEXT", "department.attributes[role] RESERVED", "department.level IMMUTABLE", "department.parent IMMUTABLE", "department.source_systems IMMUTABLE"],
            DepartmentRules.Update(City.State, other, "").Violations());
        Assert.Equal(RefusalReason.StaleEtag, DepartmentRules.Update(City.State, hotline with { DisplayName = "Other" }, "d7").Refusal?.Reason);
        Assert.Equal(RefusalReason.DepartmentNotFound, DepartmentRules.Update(City.State, City.Department(new("tax")), "").Refusal?.Reason);
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
