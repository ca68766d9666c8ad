using System.Collections.Immutable;
using Exchange.Catalog.Access;
using Exchange.Catalog.Governance;
using Exchange.Policy.Language;
using Exchange.Policy.Masks;
using static Exchange.Catalog.Tests.City;

namespace Exchange.Catalog.Tests.Access.Plans;

public sealed class PolicyRowPlanTests
{
    private static readonly DepartmentId North = new("roads-north");

    // The city, with a district office below the road office, and the resource in a category below another.
    private static readonly GovernanceState Start = Build();

    [Fact]
    public void The_operators_permit_opens_what_else_needs_a_grant_for_those_it_names()
    {
        var state = Set(Start, Permit("emergency", "departments/road-office", "resources/complaint/fields/content") with { Mask = new Mask(MaskKind.ShowFirstN, 2) });

        Assert.Equal(
            [("opener_department = \"road-office\"", "OWNER", default, "base/owner-reads-own"), ("", "PERMITTED", new Mask(MaskKind.ShowFirstN, 2), "emergency")],
            Rules(state, Roads, "content").Select(rule => (rule.Condition.ToString(), rule.Reason, rule.Mask.Hides ? rule.Mask : default, rule.RuleIds.Single())));
        Assert.Equal(["OWNER", "GRANT_REQUIRED"], Reasons(state, Forum, "content"));
        Assert.Equal(["OWNER", "GRANT_REQUIRED"], Reasons(state, Roads, "cost"));
    }

    [Fact]
    public void A_stewards_permit_counts_where_its_department_owns_the_field()
    {
        var state = Set(Start, Permit("ours", "*", "*") with { Department = Forum });

        Assert.Equal(
            [("opener_department = \"road-office\"", "OWNER"), ("opener_department = \"petition-forum\"", "PERMITTED"), ("", "GRANT_REQUIRED")],
            Described(state, Roads, "content"));
        Assert.Equal(
            [("responsible_department = \"road-office\"", "OWNER"), ("responsible_department = \"petition-forum\"", "PERMITTED"), ("", "GRANT_REQUIRED")],
            Described(state, Roads, "cost"));
        Assert.Equal(["NOT_SHARED"], Reasons(state, Roads, "leader_note"));
    }

    [Fact]
    public void A_forbid_of_the_department_that_keeps_the_resource_goes_before_everything()
    {
        var state = Set(Start, Forbid("closed", "departments/road-office", "resources/complaint/fields/title") with { Department = Hotline });
        state = Set(state, Permit("open", "*", "*"));

        var title = Of(Compile(state, Roads), "title");

        Assert.True(title.IsDenied);
        Assert.Equal(["closed"], Assert.Single(title.Rules).RuleIds);
        Assert.Equal("policy row `closed` forbids `title`: ask `hotline-12345`, which set it", title.NextStep);
        Assert.False(Of(Compile(state, Forum), "title").IsDenied);
        Assert.Equal("policy row `all` forbids `title`: ask whoever runs the hub", Of(Compile(Set(Start, Forbid("all", "*", "*")), Roads), "title").NextStep);
    }

    [Fact]
    public void A_forbid_of_another_department_does_not_count()
    {
        var row = Forbid("closed", "*", "*") with { Department = Forum };

        Assert.Equal(Described(Start, Roads, "content"), Described(Set(Start, row), Roads, "content"));
        Assert.Equal(["OWNER", "GRANT_REQUIRED"], Reasons(Apply(Start, row with { Object = "resources/complaint/fields/content" }), Roads, "content"));
    }

    [Fact]
    public void A_row_filter_asks_each_record_and_may_name_the_caller()
    {
        var state = Set(Start, Forbid("others", "*", "resources/complaint/fields/title") with { RowFilter = "district = \"north\" AND NOT opener_department = caller.department" });

        Assert.Equal([("district = \"north\" AND NOT opener_department = \"road-office\"", "FORBIDDEN"), ("opener_department = \"road-office\"", "OWNER"), ("", "UNCONDITIONAL")], Described(state, Roads, "title"));
        Assert.Equal("district = \"north\" AND NOT opener_department = \"petition-forum\"", Rules(state, Forum, "title")[0].Condition.ToString());
    }

    [Fact]
    public void A_filter_that_names_the_department_above_holds_in_no_record_where_there_is_none()
    {
        var state = Set(Start, Permit("above", "*", "resources/complaint/fields/content") with { RowFilter = "responsible_department = caller.parent" });

        Assert.Contains(("responsible_department = \"road-office\"", "PERMITTED"), Described(state, North, "content"));
        Assert.DoesNotContain("PERMITTED", Reasons(state, Roads, "content"));
        Assert.Contains("district = \"district\"", Rules(Set(Start, Forbid("level", "*", "*") with { RowFilter = "district = caller.level" }), North, "title")[0].Condition.ToString());
    }

    [Fact]
    public void A_row_filter_that_names_an_attribute_compares_with_that_of_the_caller_and_with_nothing_where_it_has_none()
    {
        var state = Having(Having(Start, Roads, ("zone", "east")), Forum, ("zone", "a \"b\" c"));
        state = Set(state, Permit("ours", "*", "resources/complaint/fields/content") with { RowFilter = "district = caller.zone" });
        state = Set(state, Forbid("not-ours", "*", "resources/complaint/fields/title") with { RowFilter = "NOT district = caller.zone" });
        state = Apply(state, Forbid("set-earlier", "*", "resources/complaint/fields/visits") with { RowFilter = "district != caller.zone" });

        Assert.Contains(("district = \"east\"", "PERMITTED"), Described(state, Roads, "content"));
        Assert.Contains(("district = \"a \\\"b\\\" c\"", "PERMITTED"), Described(state, Forum, "content"));
        Assert.Equal("NOT district = \"east\"", Rules(state, Roads, "title")[0].Condition.ToString());
        Assert.DoesNotContain("PERMITTED", Reasons(state, Hotline, "content"));
        Assert.Equal(["FORBIDDEN"], Reasons(state, Hotline, "title"));
        Assert.DoesNotContain("FORBIDDEN", Reasons(state, Hotline, "visits"));
    }

    [Theory]
    [InlineData(RuleEffect.Allow)]
    [InlineData(RuleEffect.Deny)]
    public void A_condition_that_asks_for_an_attribute_denies_whoever_lacks_it_whatever_its_effect(RuleEffect effect)
    {
        var state = Having(Having(Start, Roads, ("zone", "east")), Forum, ("zone", "west"));
        state = Set(state, Permit("zoned", "*", "resources/complaint/fields/content") with { Effect = effect, Condition = "r.caller.zone == 'east'" });

        Assert.Equal(effect is RuleEffect.Allow ? ["OWNER", "PERMITTED"] : ["FORBIDDEN"], Reasons(state, Roads, "content"));
        Assert.Equal(["OWNER", "GRANT_REQUIRED"], Reasons(state, Forum, "content"));
        Assert.Equal(["RULE_FAILED"], Reasons(state, Hotline, "content"));
    }

    [Fact]
    public void An_attribute_may_tell_owners_apart()
    {
        var state = Having(Start, Roads, ("partner", Forum.Value));
        state = Set(state, Permit("partners", "departments/road-office", "resources/complaint/fields/content") with { Condition = "r.object.owner == r.caller.partner" });

        Assert.Equal(
            [("opener_department = \"road-office\"", "OWNER"), ("opener_department = \"petition-forum\"", "PERMITTED"), ("", "GRANT_REQUIRED")],
            Described(state, Roads, "content"));
    }

    [Theory]
    [InlineData("*", "hotline-12345 petition-forum road-office roads-north")]
    [InlineData("departments/road-office", "road-office roads-north")]
    [InlineData("departments/roads-north", "roads-north")]
    [InlineData("levels/district", "roads-north")]
    [InlineData("levels/city", "hotline-12345 petition-forum road-office")]
    [InlineData("levels/nation", "")]
    [InlineData("roles/department-system", "hotline-12345 petition-forum road-office roads-north")]
    [InlineData("roles/operator", "")]
    public void A_row_counts_for_its_subject_and_those_below(string subject, string expected)
    {
        var state = Set(Start, Forbid("some", subject, "*"));

        Assert.Equal(expected, string.Join(' ', ((DepartmentId[])[Hotline, Forum, Roads, North]).Where(caller => Reasons(state, caller, "title") is ["FORBIDDEN"])));
    }

    [Theory]
    [InlineData("*", true, true)]
    [InlineData("categories/civil", true, true)]
    [InlineData("categories/civil.complaint", true, true)]
    [InlineData("categories/traffic", false, false)]
    [InlineData("resources/complaint", true, true)]
    [InlineData("resources/complaint/fields/title", true, false)]
    public void A_row_counts_for_its_object_and_what_is_below(string target, bool title, bool district)
    {
        var plan = Compile(Set(Start, Forbid("some", "*", target)), Roads);

        Assert.Equal((title, district), (Of(plan, "title").IsDenied, Of(plan, "district").IsDenied));
    }

    [Fact]
    public void A_row_counts_for_its_actions()
    {
        var state = Set(Start, Forbid("no-feed", "*", "*") with { Actions = [PolicyAction.Follow] });

        Assert.True(Compile(state, Roads, PlanAction.Follow).IsDenied);
        Assert.All([PlanAction.Pull, PlanAction.Get, PlanAction.History], action => Assert.False(Compile(state, Roads, action).IsDenied));
    }

    [Fact]
    public void A_permit_without_a_mask_takes_the_owners_and_of_several_the_one_that_hides_nothing_is_heeded()
    {
        var phone = "resources/complaint/fields/appellant_phone";
        var state = Set(Start, Permit("b-plain", "*", phone));

        Assert.Equal(new Mask(MaskKind.ShowLastN, 4), Rules(state, Roads, "appellant_phone")[^1].Mask);

        state = Set(state, Permit("c-open", "*", phone) with { Mask = Mask.None, RowFilter = "district = \"north\"" });
        state = Set(state, Permit("a-null", "*", phone) with { Mask = Mask.Null });

        Assert.Equal(
            [("CONFIDENTIAL", MaskKind.Unspecified), ("OWNER", MaskKind.None), ("PERMITTED", MaskKind.None), ("PERMITTED", MaskKind.ShowLastN)],
            Rules(state, Roads, "appellant_phone").Select(rule => (rule.Reason, rule.Mask.Kind)));
    }

    [Fact]
    public void A_permit_opens_neither_what_is_not_shared_nor_a_person_in_a_confidential_record()
    {
        var state = Set(Start, Permit("open", "*", "*") with { Mask = Mask.None });

        Assert.True(Of(Compile(state, Roads), "leader_note").IsDenied);
        Assert.Equal(["CONFIDENTIAL", "OWNER", "PERMITTED"], Reasons(state, Roads, "appellant_phone"));
    }

    [Fact]
    public void A_row_that_fails_denies_where_it_counts()
    {
        const string Failing = "r.object.level > r.caller.level";
        var content = Rules(Set(Start, Permit("broken", "*", "*") with { Condition = Failing }), Roads, "content");
        var ours = Set(Start, Permit("broken", "*", "*") with { Condition = Failing, Department = Forum });

        Assert.Equal(["broken"], Assert.Single(content).RuleIds);
        Assert.Equal("RULE_FAILED", content[0].Reason);
        Assert.Equal(
            [("opener_department = \"road-office\"", "OWNER"), ("opener_department = \"petition-forum\"", "RULE_FAILED"), ("", "UNCONDITIONAL")],
            Described(ours, Roads, "title"));
    }

    [Theory]
    [InlineData("nosuch.attribute", "")]
    [InlineData("r.caller.colour == 'red'", "")]
    [InlineData("((", "")]
    [InlineData("", "nosuch = 1")]
    [InlineData("", "content = \"a field of level 3\"")]
    public void A_row_of_an_older_log_that_cannot_be_read_denies_and_says_so(string condition, string rowFilter)
    {
        var plan = Compile(Apply(Start, Permit("old", "departments/road-office", "resources/complaint/fields/title") with { Condition = condition, RowFilter = rowFilter }), Roads);

        Assert.Equal(("RULE_FAILED", "old"), (Of(plan, "title").Rules.Single().Reason, Of(plan, "title").Rules.Single().RuleIds.Single()));
        Assert.False(Of(plan, "district").IsDenied);
    }

    [Fact]
    public void A_mask_that_no_longer_suits_the_field_denies()
    {
        var state = Apply(Start, Permit("masked", "*", "resources/complaint/fields/due_on") with { Mask = new Mask(MaskKind.Redact) });

        Assert.Equal(["RULE_FAILED"], Reasons(state, Roads, "due_on"));
    }

    [Fact]
    public void The_order_in_which_rows_were_set_does_not_matter()
    {
        PolicyRow[] rows =
        [
            Permit("row-a", "*", "*"), Permit("row-b", "*", "resources/complaint") with { Mask = Mask.Null, RowFilter = "district = \"north\"" },
            Forbid("row-c", "levels/city", "*") with { RowFilter = "visits > 3" }, Permit("row-d", "*", "*") with { Mask = Mask.None, Department = Forum },
        ];

        var forth = Compile(rows.Aggregate(Start, Set), Roads);
        var back = Compile(rows.Reverse().Aggregate(Start, Set), Roads);

        Assert.All(forth.Fields.Zip(back.Fields), pair => Assert.Equal(pair.First.Rules, pair.Second.Rules));
    }

    [Fact]
    public void A_row_of_certain_hours_makes_a_plan_that_ends_with_the_minute()
    {
        var state = Set(Start, Permit("day", "*", "resources/complaint/fields/content") with { Condition = "r.context.time >= '08:00' && r.context.time < '18:00'" });

        Assert.Equal(["OWNER", "PERMITTED"], Reasons(state, Roads, "content"));
        Assert.Equal(Noon.AddMinutes(1), Compile(state, Roads).ExpireTime);
        Assert.Equal(["OWNER", "GRANT_REQUIRED"], Reasons(state, Roads, "content", Noon.AddHours(6)));
        Assert.Equal(Noon.AddHours(12), Compile(Set(Start, Forbid("until", "*", "*") with { Condition = "r.context.date < '2026-01-01'" }), Roads).ExpireTime);
        Assert.Null(Compile(Start, Roads).ExpireTime);
    }

    [Fact]
    public void A_row_about_the_callers_address_makes_a_plan_for_that_address()
    {
        var state = Set(Start, Forbid("outside", "*", "resources/complaint/fields/content") with { Condition = "!ipMatch(r.context.network, '10.0.0.0/8')" });

        var inside = Compile(state, Roads, network: "10.1.2.3");

        Assert.True(inside.DependsOnNetwork);
        Assert.Equal(["OWNER", "GRANT_REQUIRED"], Of(inside, "content").Rules.Select(rule => rule.Reason));
        Assert.Equal(["FORBIDDEN"], Of(Compile(state, Roads, network: "192.0.2.1"), "content").Rules.Select(rule => rule.Reason));
        Assert.Equal(["RULE_FAILED"], Reasons(state, Roads, "content"));
        Assert.False(Compile(Start, Roads).DependsOnNetwork);
    }

    [Fact]
    public void A_condition_may_ask_for_the_purpose_and_for_the_owner()
    {
        var state = Set(Start, Permit("urgent", "*", "resources/complaint/fields/content") with { Condition = "r.context.purpose == 'EMERGENCY' && r.object.owner == 'petition-forum'" });

        Assert.Equal(["OWNER", "GRANT_REQUIRED"], Reasons(state, Roads, "content"));
        Assert.Equal(
            [("opener_department = \"road-office\"", "OWNER"), ("opener_department = \"petition-forum\"", "PERMITTED"), ("", "GRANT_REQUIRED")],
            Of(Compile(state, Roads, purpose: Purpose.Emergency), "content").Rules.Select(rule => (rule.Condition.ToString(), rule.Reason)));
    }

    [Fact]
    public void A_row_that_hangs_on_a_grant_counts_in_the_grants_rows_until_it_ends()
    {
        var grant = new Grant
        {
            Id = new GrantId("g1"), Owner = Hotline, Reader = Roads, Resource = Complaint, Fields = ["content"], Purposes = [Purpose.GovService],
            RowFilter = "district = \"north\"", ExpireTime = Noon.AddDays(30),
        };
        var state = Start.Apply(new GovernanceEvent.GrantIssued(grant), Start.Position + 1);
        state = Set(state, Forbid("not-even-granted", "*", "resources/complaint/fields/content") with { Condition = "r.object.granted", RowFilter = "visits > 3" });

        Assert.Equal(
            [
                ("opener_department = \"road-office\"", "OWNER"),
                ("opener_department = \"hotline-12345\" AND district = \"north\" AND visits > 3", "FORBIDDEN"),
                ("opener_department = \"hotline-12345\" AND district = \"north\"", "GRANTED"),
                ("", "GRANT_REQUIRED"),
            ],
            Described(state, Roads, "content"));
        Assert.Equal(Noon.AddDays(30), Compile(state, Roads).ExpireTime);
    }

    [Fact]
    public void A_row_that_fails_for_the_caller_and_for_an_owner_without_a_grant_leaves_what_that_owner_granted()
    {
        var grant = new Grant
        {
            Id = new GrantId("g1"), Owner = Hotline, Reader = Roads, Resource = Complaint, Fields = ["content"], Purposes = [Purpose.GovService],
            RowFilter = "visits > 3", ExpireTime = Noon.AddDays(30),
        };
        var state = Start.Apply(new GovernanceEvent.GrantIssued(grant), Start.Position + 1);
        state = Set(state, Permit("fails", "*", "*") with { Condition = "!r.object.granted && r.object.owner != '' && r.object.level > 'high'" });

        Assert.Equal(
            ["RULE_FAILED", "GRANTED", "RULE_FAILED", "GRANT_REQUIRED"],
            Reasons(state, Roads, "content"));
        Assert.DoesNotContain("hotline", Rules(state, Roads, "content")[0].Condition.ToString());
    }

    private static GovernanceState Having(GovernanceState state, DepartmentId department, params (string Name, string Value)[] attributes) =>
        state.Apply(new GovernanceEvent.DepartmentChanged(state.Departments[department.Value].Having(attributes)), state.Position + 1);

    private static GovernanceState Build()
    {
        var state = State.After(DepartmentRules.Register(State, Department(North) with { Level = AdministrativeLevel.District, Parent = Roads }, Noon));
        state = state.After(CategoryRules.Define(
            state,
            [
                new() { Code = new("civil"), DisplayName = "Civil" },
                new() { Code = new("civil.complaint"), DisplayName = "Complaints", Parent = new("civil") },
                new() { Code = new("traffic"), DisplayName = "Traffic" },
            ]));
        return state.After(ResourceRules.Publish(state, Draft with { Category = new("civil.complaint") }, Noon));
    }

    private static PolicyRow Permit(string id, string subject, string target) => new()
    {
        Id = new(id), Subject = subject, Object = target, Actions = [PolicyAction.Read, PolicyAction.Follow], Effect = RuleEffect.Allow, Reason = "a test",
    };

    private static PolicyRow Forbid(string id, string subject, string target) => Permit(id, subject, target) with { Effect = RuleEffect.Deny };

    private static GovernanceState Set(GovernanceState state, PolicyRow row) => state.After(PolicyRowRules.Set(state, row, Noon));

    private static GovernanceState Apply(GovernanceState state, PolicyRow row) => state.Apply(new GovernanceEvent.PolicyRowSet(row), state.Position + 1);

    private static AccessPlan Compile(
        GovernanceState state, DepartmentId caller, PlanAction action = PlanAction.Pull, Purpose purpose = Purpose.GovService, DateTimeOffset? now = null, string? network = null) =>
        AccessPlanCompiler.Compile(
            state, new Caller(caller, new ClientId("machine"), Role.DepartmentSystem) { Network = network }, Complaint, action, purpose, state.Position, now ?? Noon).Value;

    private static FieldPlan Of(AccessPlan plan, string field) => plan.Fields[plan.Resource.IndexOf(field)];

    private static ImmutableArray<PlanRule> Rules(GovernanceState state, DepartmentId caller, string field) => Of(Compile(state, caller), field).Rules;

    private static string[] Reasons(GovernanceState state, DepartmentId caller, string field, DateTimeOffset? now = null) =>
        [.. Of(Compile(state, caller, now: now), field).Rules.Select(rule => rule.Reason)];

    private static (string Where, string Reason)[] Described(GovernanceState state, DepartmentId caller, string field) =>
        [.. Rules(state, caller, field).Select(rule => (rule.Condition.ToString(), rule.Reason))];
}
