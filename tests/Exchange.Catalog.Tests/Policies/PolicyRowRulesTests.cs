using Exchange.Catalog.Governance;
using Exchange.Policy.Language;
using Exchange.Policy.Masks;
using static Exchange.Catalog.Tests.City;

namespace Exchange.Catalog.Tests.Policies;

public sealed class PolicyRowRulesTests
{
    private static readonly PolicyRow Row = new()
    {
        Id = new("night-closed"), Subject = "*", Object = "resources/complaint", Actions = [PolicyAction.Read], Effect = RuleEffect.Deny, Reason = "nobody is there at night",
    };

    [Fact]
    public void A_row_is_set_with_its_time_and_setting_it_again_changes_nothing()
    {
        var set = PolicyRowRules.Set(State, Row, Noon).Value;
        var state = State.Apply(set.Event!, State.Position + 1);

        Assert.Equal(Row with { CreateTime = Noon }, set.Value);
        Assert.Equal([set.Value], state.PolicyRows.Values);
        var again = PolicyRowRules.Set(state, Row with { Actions = [PolicyAction.Read] }, Noon.AddDays(1)).Value;
        Assert.Equal((set.Value, null), (again.Value, again.Event));
    }

    [Fact]
    public void A_row_replaces_the_one_of_its_id()
    {
        var state = State.After(PolicyRowRules.Set(State, Row, Noon));

        state = state.After(PolicyRowRules.Set(state, Row with { Effect = RuleEffect.Allow, Reason = "they are" }, Noon.AddDays(1)));

        Assert.Equal((RuleEffect.Allow, Noon.AddDays(1)), (state.PolicyRows["night-closed"].Effect, state.PolicyRows["night-closed"].CreateTime));
    }

    [Fact]
    public void A_row_that_somebody_else_set_is_not_replaced()
    {
        var state = State.After(PolicyRowRules.Set(State, Row, Noon));

        Assert.Equal(RefusalReason.PolicyRowTaken, PolicyRowRules.Set(state, Row with { Department = Hotline }, Noon).Refusal?.Reason);
    }

    [Fact]
    public void A_removed_row_is_gone()
    {
        var state = State.After(PolicyRowRules.Set(State, Row, Noon));

        var removed = PolicyRowRules.Remove(state, null, Row.Id, "no longer", Noon).Value;

        Assert.Equal(Row.Id, removed.Value.Id);
        Assert.Empty(state.Apply(removed.Event!, state.Position + 1).PolicyRows);
    }

    [Fact]
    public void Only_the_operator_removes_what_another_department_set()
    {
        var state = State.After(PolicyRowRules.Set(State, Row with { Department = Hotline }, Noon));

        Assert.Equal(RefusalReason.NotOwnDepartment, PolicyRowRules.Remove(state, Forum, Row.Id, "no", Noon).Refusal?.Reason);
        Assert.False(PolicyRowRules.Remove(state, Hotline, Row.Id, "no", Noon).IsRefused);
        Assert.False(PolicyRowRules.Remove(state, null, Row.Id, "no", Noon).IsRefused);
    }

    [Fact]
    public void What_is_not_there_and_the_base_rows_cannot_be_removed()
    {
        Assert.Equal(RefusalReason.PolicyRowNotFound, PolicyRowRules.Remove(State, null, Row.Id, "no", Noon).Refusal?.Reason);
        var refusal = PolicyRowRules.Remove(State, null, new("base/not-shared"), "no", Noon).Refusal;
        Assert.Equal("`base/not-shared` is a rule of the hub itself and cannot be removed", refusal?.Message);
        Assert.Equal(["reason REQUIRED"], PolicyRowRules.Remove(State, null, Row.Id, " ", Noon).Violations());
    }

    [Fact]
    public void Everything_that_is_wrong_is_told_at_once()
    {
        var row = Row with { Id = new("base/own"), Subject = "everyone", Object = "complaint", Actions = [], Condition = "a b", Mask = Mask.Null, Reason = "" };

        Assert.Equal(
            [
                "policy_row.name INVALID_ID", "policy_row.reason REQUIRED", "policy_row.actions REQUIRED", "policy_row.subject INVALID_SUBJECT",
                "policy_row.object INVALID_OBJECT", "policy_row.condition INVALID_CONDITION", "policy_row.mask NOT_APPLICABLE",
            ],
            PolicyRowRules.Set(State, row, Noon).Violations());
    }

    [Theory]
    [InlineData("departments/nobody", "DEPARTMENT_NOT_FOUND")]
    [InlineData("users/ann", "USER_NOT_FOUND")]
    [InlineData("levels/moon", "INVALID_SUBJECT")]
    [InlineData("roles/unspecified", "INVALID_SUBJECT")]
    [InlineData("", "INVALID_SUBJECT")]
    public void A_subject_that_is_not_there_is_refused(string subject, string reason) =>
        Assert.Equal([$"policy_row.subject {reason}"], PolicyRowRules.Set(State, Row with { Subject = subject }, Noon).Violations());

    [Theory]
    [InlineData("categories/moon", "CATEGORY_NOT_FOUND")]
    [InlineData("categories/", "INVALID_OBJECT")]
    [InlineData("resources/moon", "RESOURCE_NOT_FOUND")]
    [InlineData("resources/complaint/fields/moon", "UNKNOWN_FIELD")]
    [InlineData("resources/complaint/title", "INVALID_OBJECT")]
    public void An_object_that_is_not_there_is_refused(string target, string reason) =>
        Assert.Equal([$"policy_row.object {reason}"], PolicyRowRules.Set(State, Row with { Object = target }, Noon).Violations());

    [Theory]
    [InlineData(PolicyAction.Write, "change it in the catalog")]
    [InlineData(PolicyAction.Propose, "change it in the catalog")]
    [InlineData(PolicyAction.Administer, "ask the operator")]
    public void What_the_owner_rule_or_the_role_decides_is_forbidden_and_not_permitted(PolicyAction action, string nextStep)
    {
        var permit = PolicyRowRules.Set(State, Row with { Actions = [PolicyAction.Read, action], Effect = RuleEffect.Allow }, Noon);

        Assert.Equal(["policy_row.actions[1] ONLY_FORBIDS"], permit.Violations());
        Assert.Contains(nextStep, permit.Refusal!.Violations[0].Message);
        Assert.Empty(PolicyRowRules.Set(State, Row with { Actions = [PolicyAction.Read, action] }, Noon).Violations());
    }

    [Theory]
    [InlineData(RuleEffect.Allow)]
    [InlineData(RuleEffect.Deny)]
    public void Rows_on_matching_and_exporting_are_set_before_anybody_asks_for_them(RuleEffect effect) =>
        Assert.Empty(PolicyRowRules.Set(State, Row with { Actions = [PolicyAction.Match, PolicyAction.Export], Effect = effect }, Noon).Violations());

    [Fact]
    public void A_row_on_administering_binds_no_operator_and_looks_at_no_record()
    {
        var row = Row with { Actions = [PolicyAction.Administer] };

        Assert.Equal(["policy_row.subject OPERATOR_NOT_BOUND"], PolicyRowRules.Set(State, row with { Subject = "roles/operator" }, Noon).Violations());
        Assert.Equal(["policy_row.row_filter NOT_APPLICABLE"], PolicyRowRules.Set(State, row with { RowFilter = "district = \"north\"" }, Noon).Violations());
        Assert.Empty(PolicyRowRules.Set(State, row with { Subject = "roles/steward" }, Noon).Violations());
        Assert.Empty(PolicyRowRules.Set(State, Row with { Subject = "roles/operator" }, Noon).Violations());
    }

    [Theory]
    [InlineData(PolicyAction.Write, "create_time < 2026-01-01T00:00:00Z", "policy_row.row_filter NOT_APPLICABLE")]
    [InlineData(PolicyAction.Propose, "district = \"north\" AND NOT update_time:*", "policy_row.row_filter NOT_APPLICABLE")]
    [InlineData(PolicyAction.Write, "district = caller.parent AND create_time < 2026-01-01T00:00:00Z", "policy_row.row_filter NOT_APPLICABLE")]
    [InlineData(PolicyAction.Write, "district = \"north\" OR source_system = \"forum\"", null)]
    [InlineData(PolicyAction.Read, "create_time < 2026-01-01T00:00:00Z", null)]
    public void A_row_on_pushing_does_not_ask_for_the_times_of_a_record(PolicyAction action, string filter, string? violation) =>
        Assert.Equal(
            violation is null ? [] : [violation], PolicyRowRules.Set(State, Row with { Actions = [action], RowFilter = filter }, Noon).Violations());

    [Theory]
    [InlineData("district != caller.parent", RuleEffect.Deny, false)]
    [InlineData("district != caller.parent", RuleEffect.Allow, true)]
    [InlineData("NOT district = caller.parent", RuleEffect.Deny, true)]
    [InlineData("opener_department != caller.department", RuleEffect.Deny, true)]
    public void A_forbid_is_not_unequal_to_what_a_caller_may_lack(string filter, RuleEffect effect, bool isSet)
    {
        var decision = PolicyRowRules.Set(State, Row with { Effect = effect, RowFilter = filter }, Noon);

        Assert.Equal(isSet ? [] : ["policy_row.row_filter NOT_APPLICABLE"], decision.Violations());
        Assert.Equal(!isSet, decision.Refusal?.Violations[0].Message.Contains("write `NOT … = caller.parent`", StringComparison.Ordinal) ?? false);
    }

    [Fact]
    public void A_department_permits_its_own_fields_and_forbids_in_its_own_resources()
    {
        var permit = Row with { Effect = RuleEffect.Allow, Department = Forum };

        Assert.Empty(PolicyRowRules.Set(State, permit, Noon).Violations());
        Assert.Empty(PolicyRowRules.Set(State, permit with { Object = "resources/complaint/fields/cost" }, Noon).Violations());
        Assert.Equal(["policy_row.object NOT_OWNER"], PolicyRowRules.Set(State, permit with { Object = "resources/complaint/fields/visits" }, Noon).Violations());
        Assert.Equal(["policy_row.object NOT_OWN_RESOURCE"], PolicyRowRules.Set(State, Row with { Department = Forum }, Noon).Violations());
        Assert.Empty(PolicyRowRules.Set(State, Row with { Department = Hotline, Object = "resources/complaint/fields/visits" }, Noon).Violations());
        Assert.Equal(["policy_row.department DEPARTMENT_NOT_FOUND", "policy_row.object NOT_OWN_RESOURCE"], PolicyRowRules.Set(State, Row with { Department = new("nobody") }, Noon).Violations());
    }

    [Theory]
    [InlineData("record.confidential = true AND NOT opener_department = caller.department", null)]
    [InlineData("district = caller.level OR responsible_department = caller.parent", null)]
    [InlineData("tags : caller.department", null)]
    [InlineData("nosuch = 1", "UNKNOWN_FIELD")]
    [InlineData("content = x", "UNKNOWN_FIELD")]
    [InlineData("district = caller.colour", "UNKNOWN_FIELD")]
    [InlineData("visits = caller.department", "WRONG_TYPE")]
    [InlineData("record.confidential > true", "WRONG_OPERATOR")]
    [InlineData("record.confidential = \"true\"", "WRONG_TYPE")]
    [InlineData("title : leak", "NOT_SEARCHABLE")]
    public void A_row_filter_must_suit_every_resource_it_is_about(string filter, string? reason)
    {
        string[] expected = reason is null ? [] : [$"policy_row.row_filter {reason}"];

        Assert.Equal(expected, PolicyRowRules.Set(State, Row with { RowFilter = filter }, Noon).Violations());
        Assert.Equal(expected, PolicyRowRules.Set(State, Row with { RowFilter = filter, Object = "*" }, Noon).Violations());
    }

    [Fact]
    public void A_row_may_name_what_some_department_has_and_a_mistyped_name_is_refused_with_those_there_are()
    {
        var state = State.Apply(new GovernanceEvent.DepartmentChanged(Department(Roads).Having(("district", "east"))), State.Position + 1);
        PolicyRow Typed(string name) => Row with { RowFilter = $"district = caller.{name}", Condition = $"r.caller.{name} != ''" };

        Assert.False(PolicyRowRules.Set(state, Typed("district"), Noon).IsRefused);
        Assert.False(PolicyRowRules.Set(state, Typed("district") with { Object = "*" }, Noon).IsRefused);
        Assert.Equal(
            [
                "for `complaint`, at character 11: there is no `caller.distict`, there are `caller.department`, `caller.parent`, `caller.level`, `caller.district`; put a text in quotes",
                "at character 0: `r.caller` has no `distict`; it has name, department, parent, level, role, district",
            ],
            PolicyRowRules.Set(state, Typed("distict"), Noon).Refusal!.Violations.Select(violation => violation.Message));
        Assert.Equal(["policy_row.row_filter UNKNOWN_FIELD", "policy_row.condition INVALID_CONDITION"], PolicyRowRules.Set(State, Typed("district"), Noon).Violations());
    }

    [Fact]
    public void A_row_filter_may_have_several_lines()
    {
        var row = Row with { RowFilter = "record.confidential = true\nAND opener_department = caller.department" };

        var state = State.After(PolicyRowRules.Set(State, row, Noon));

        Assert.Equal(row.RowFilter, state.Policy.Find(row.Id.Value)?.RowFilter);
    }

    [Fact]
    public void A_mask_must_suit_every_field_it_may_stand_on()
    {
        var permit = Row with { Effect = RuleEffect.Allow, Mask = new Mask(MaskKind.YearOnly) };

        Assert.Equal(["policy_row.mask MASK_NOT_APPLICABLE"], PolicyRowRules.Set(State, permit, Noon).Violations());
        Assert.Empty(PolicyRowRules.Set(State, permit with { Object = "resources/complaint/fields/due_on" }, Noon).Violations());
        Assert.Empty(PolicyRowRules.Set(State, permit with { Mask = Mask.Null }, Noon).Violations());
    }
}
