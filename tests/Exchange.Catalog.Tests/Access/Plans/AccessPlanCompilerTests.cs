using Exchange.Catalog.Access;
using Exchange.Catalog.Governance;
using Exchange.Policy.Conditions;
using Exchange.Policy.Language;
using Exchange.Policy.Masks;
using static Exchange.Catalog.Tests.City;

namespace Exchange.Catalog.Tests.Access.Plans;

public sealed class AccessPlanCompilerTests
{
    [Fact]
    public void A_field_of_the_opener_is_the_openers_and_else_needs_a_grant()
    {
        var plan = Compile(State, Forum);

        var content = Of(plan, "content");

        Assert.Equal(
            [
                new PlanRule(Where("opener_department = \"petition-forum\""), RuleEffect.Allow, Mask.None, ["base/owner-reads-own"], "OWNER"),
                new PlanRule(Condition.Always, RuleEffect.Deny, default, ["base/conditional-grant"], "GRANT_REQUIRED"),
            ],
            content.Rules);
        Assert.Equal("ask the department that opened the record (`opener_department`) for a grant of `content` for GOV_SERVICE", content.NextStep);
        Assert.False(content.IsDenied);
        Assert.False(plan.CanFilterBy(content.Field.Number));
    }

    [Fact]
    public void An_unconditional_field_is_read_by_every_department_and_makes_every_row_visible()
    {
        var plan = Compile(State, Roads);

        Assert.True(Of(plan, "title").AllowedEverywhereUnmasked);
        Assert.Equal("", Of(plan, "title").NextStep);
        Assert.Equal(Condition.Always, plan.RowVisible);
        Assert.True(plan.CanFilterBy(Of(plan, "title").Field.Number));
    }

    [Fact]
    public void A_field_of_a_fixed_department_that_is_not_shared_is_for_its_owner_alone()
    {
        Assert.True(Of(Compile(State, Revisit), "leader_note").AllowedEverywhereUnmasked);

        var note = Of(Compile(State, Roads), "leader_note");

        Assert.True(note.IsDenied);
        Assert.Contains("leader_note", Compile(State, Roads).DeniedFields.Select(field => field.Field.Name));
        Assert.Equal("NOT_SHARED", Assert.Single(note.Rules).Reason);
        Assert.Equal("`leader_note` is not shared by `follow-up`: it has to change its sharing list first", note.NextStep);
    }

    [Fact]
    public void A_grant_opens_its_owners_rows_of_its_filter_for_its_purpose_until_it_ends()
    {
        var state = With(State, Grant(Hotline, Roads, "content") with { RowFilter = "district = \"north\"" });

        var plan = Compile(state, Roads);

        Assert.Equal(
            [
                ("opener_department = \"road-office\"", "OWNER"),
                ("opener_department = \"hotline-12345\" AND district = \"north\"", "GRANTED"),
                ("", "GRANT_REQUIRED"),
            ],
            Of(plan, "content").Rules.Select(rule => (rule.Condition.ToString(), rule.Reason)));
        Assert.Equal(["base/conditional-grant", "departments/hotline-12345/grants/g1"], Of(plan, "content").Rules[1].RuleIds);
        Assert.Equal(Noon.AddDays(30), plan.ExpireTime);
        Assert.True(plan.IsCurrent(Noon.AddDays(30).AddTicks(-1)));
        Assert.False(plan.IsCurrent(Noon.AddDays(30)));
        Assert.Contains(6, plan.ConditionNumbers);
        Assert.Contains("departments/hotline-12345/grants/g1", plan.RuleIds);
        Assert.Null(Compile(state, Roads, Purpose.Analysis).ExpireTime);
        Assert.Equal(2, Of(Compile(state, Roads, Purpose.Analysis), "content").Rules.Length);
        Assert.Equal(2, Of(Compile(state, Forum), "content").Rules.Length);
        Assert.Equal(2, Of(Compile(state, Roads, now: Noon.AddDays(30)), "content").Rules.Length);
    }

    [Fact]
    public void A_revoked_grant_opens_nothing()
    {
        var state = With(State, Grant(Hotline, Roads, "content"));

        state = state.Apply(new GovernanceEvent.GrantRevoked(new GrantId("g1"), "a test", Noon), state.Position + 1);

        Assert.Equal(["OWNER", "GRANT_REQUIRED"], Of(Compile(state, Roads), "content").Rules.Select(rule => rule.Reason));
    }

    [Theory]
    [InlineData(MaskKind.Unspecified, MaskKind.Unspecified, MaskKind.ShowLastN)]
    [InlineData(MaskKind.Unspecified, MaskKind.Null, MaskKind.Null)]
    [InlineData(MaskKind.None, MaskKind.Null, MaskKind.None)]
    public void The_grants_mask_goes_before_the_sharing_lists_and_that_before_the_resources(MaskKind ofGrant, MaskKind ofList, MaskKind expected)
    {
        var state = WithEntry(State, Hotline, 3, SharingClass.Conditional, new Mask(ofList));
        state = With(state, Grant(Hotline, Roads, "appellant_phone") with { Mask = new Mask(ofGrant) });

        var rule = Of(Compile(state, Roads), "appellant_phone").Rules.Single(rule => rule.Reason is PlanReason.Granted);

        Assert.Equal(expected, rule.Mask.Kind);
    }

    [Fact]
    public void Person_fields_of_confidential_records_are_denied_before_anything_allows_them()
    {
        var phone = Of(Compile(With(State, Grant(Hotline, Roads, "appellant_phone")), Roads), "appellant_phone");

        Assert.Equal("confidential = true AND NOT opener_department = \"road-office\"", phone.Rules[0].Condition.ToString());
        Assert.Equal((RuleEffect.Deny, "CONFIDENTIAL"), (phone.Rules[0].Effect, phone.Rules[0].Reason));
        Assert.Contains("in confidential records `appellant_phone` is for the department that opened them only", phone.NextStep);
        Assert.DoesNotContain(Of(Compile(State, Roads), "content").Rules, rule => rule.Reason is PlanReason.Confidential);
    }

    [Fact]
    public void The_classes_of_the_owners_list_decide_row_by_row()
    {
        var state = WithEntry(State, Forum, 2, SharingClass.Unconditional, default);
        state = WithEntry(state, Roads, 2, SharingClass.NotShared, default);

        var content = Of(Compile(state, Revisit), "content");

        Assert.Equal(
            [
                ("opener_department = \"follow-up\"", "OWNER"),
                ("opener_department = \"petition-forum\"", "UNCONDITIONAL"),
                ("opener_department = \"road-office\"", "NOT_SHARED"),
                ("", "GRANT_REQUIRED"),
            ],
            content.Rules.Select(rule => (rule.Condition.ToString(), rule.Reason)));
        Assert.StartsWith("`content` is not shared by `road-office`", content.NextStep);
    }

    [Fact]
    public void A_list_that_says_what_the_default_says_adds_no_rule_and_owners_of_one_outcome_share_one()
    {
        var state = WithEntry(State, Forum, 2, SharingClass.Conditional, Mask.None);
        state = WithEntry(state, Roads, 2, SharingClass.Unconditional, Mask.None);
        state = WithEntry(state, Hotline, 2, SharingClass.Unconditional, default);

        var content = Of(Compile(state, Revisit), "content");

        Assert.Equal(["OWNER", "UNCONDITIONAL", "GRANT_REQUIRED"], content.Rules.Select(rule => rule.Reason));
        Assert.Equal("opener_department = \"hotline-12345\" OR opener_department = \"road-office\"", content.Rules[1].Condition.ToString());
    }

    [Fact]
    public void A_field_of_the_department_named_in_another_field_is_decided_by_that_field()
    {
        var cost = Of(Compile(With(State, Grant(Roads, Forum, "cost")), Forum), "cost");

        Assert.Equal(
            ["responsible_department = \"petition-forum\"", "responsible_department = \"road-office\"", ""],
            cost.Rules.Select(rule => rule.Condition.ToString()));
        Assert.Equal("ask the department named in `responsible_department` for a grant of `cost` for GOV_SERVICE", cost.NextStep);
    }

    // A field of level 3, on which no row condition may rely; a character that no database takes.
    [Theory]
    [InlineData("content = \"x\"")]
    [InlineData("title = \"a\0\"")]
    public void A_rule_that_fails_denies_the_field_and_no_other(string rowFilter)
    {
        var plan = Compile(With(State, Grant(Hotline, Roads, "place") with { RowFilter = rowFilter }), Roads);

        var place = Of(plan, "place");

        Assert.True(place.IsDenied);
        Assert.Equal(["departments/hotline-12345/grants/g1"], Assert.Single(place.Rules).RuleIds);
        Assert.Equal("RULE_FAILED", place.Rules[0].Reason);
        Assert.Equal("`departments/hotline-12345/grants/g1` could not be evaluated for `place`: ask the department that gave it", place.NextStep);
        Assert.Equal(["OWNER", "GRANT_REQUIRED"], Of(plan, "content").Rules.Select(rule => rule.Reason));
    }

    [Theory]
    [InlineData(Role.Operator)]
    [InlineData(Role.Auditor)]
    [InlineData(Role.Steward)]
    [InlineData(Role.Unspecified)]
    public void Only_department_systems_read_records(Role role)
    {
        var plan = AccessPlanCompiler.Compile(State, new Caller(Hotline, new ClientId("c"), role), Complaint, PlanAction.Get, Purpose.GovService, 7, Noon).Value;

        Assert.True(plan.IsDenied);
        Assert.All(plan.Fields, field => Assert.Equal("ROLE_REQUIRED", Assert.Single(field.Rules).Reason));
        Assert.Equal("records are read and pushed by department systems only: use a client with that role", plan.Fields[0].NextStep);
    }

    [Fact]
    public void A_department_that_is_not_registered_reads_nothing()
    {
        Assert.True(Compile(State, new DepartmentId("stranger")).IsDenied);
    }

    [Fact]
    public void An_unknown_resource_and_a_read_without_purpose_are_refused()
    {
        var caller = new Caller(Roads, new ClientId("c"), Role.DepartmentSystem);

        Assert.Equal(RefusalReason.ResourceNotFound, AccessPlanCompiler.Compile(State, caller, new("nosuch"), PlanAction.Pull, Purpose.Other, 1, Noon).Refusal?.Reason);
        Assert.Equal(RefusalReason.PurposeRequired, AccessPlanCompiler.Compile(State, caller, Complaint, PlanAction.Pull, Purpose.Unspecified, 1, Noon).Refusal?.Reason);
        Assert.Equal(RefusalReason.PurposeRequired, AccessPlanCompiler.Compile(State, caller, Complaint, PlanAction.Pull, (Purpose)8, 1, Noon).Refusal?.Reason);
    }

    [Fact]
    public void A_plan_tells_what_it_was_compiled_for()
    {
        var plan = AccessPlanCompiler.Compile(State, new Caller(Roads, new ClientId("c"), Role.DepartmentSystem), Complaint, PlanAction.Follow, Purpose.Other, 7, Noon).Value;

        Assert.Equal((Roads, PlanAction.Follow, Purpose.Other, 7L), (plan.Caller, plan.Action, plan.Purpose, plan.Revision));
        Assert.Equal(plan.Resource.Fields, plan.Fields.Select(field => field.Field));
    }

    [Fact]
    public void Filters_may_name_what_is_seen_unmasked_everywhere_and_system_attributes()
    {
        var plan = Compile(State, Roads);
        var schema = new FilterSchema(plan, FilterUse.Pull);

        Assert.True(ConditionParser.Parse("title : 漏水 AND opener_department = x AND visits > 1", schema).IsValid);
        var errors = ConditionParser.Parse("title = a AND content = b AND nosuch = 1", schema).Errors;
        Assert.Equal([(14, "UNREADABLE_FIELD"), (30, "UNKNOWN_FIELD")], errors.Select(error => (error.Position, error.Reason)));
        Assert.Contains("ask the department that opened the record", errors[0].Message);
    }

    [Fact]
    public void A_feed_is_not_filtered_by_text_search_or_sealed_fields()
    {
        var plan = Compile(State, Revisit);
        var schema = new FilterSchema(plan, FilterUse.Follow);

        Assert.True(plan.CanFilterBy(14));
        Assert.Equal(
            ["NOT_SEARCHABLE", "UNREADABLE_FIELD"],
            ConditionParser.Parse("title : a OR leader_note = b", schema).Errors.Select(error => error.Reason));
        Assert.True(ConditionParser.Parse("leader_note = b", new FilterSchema(plan, FilterUse.Pull)).IsValid);
    }

    private static AccessPlan Compile(GovernanceState state, DepartmentId caller, Purpose purpose = Purpose.GovService, DateTimeOffset? now = null) =>
        AccessPlanCompiler.Compile(state, new Caller(caller, new ClientId("machine"), Role.DepartmentSystem), Complaint, PlanAction.Pull, purpose, state.Position, now ?? Noon).Value;

    private static FieldPlan Of(AccessPlan plan, string field) => plan.Fields[plan.Resource.IndexOf(field)];

    private static Condition Where(string filter) => ConditionParser.Parse(filter, new RowFilterSchema(Resource)).Condition!;

    private static Grant Grant(DepartmentId owner, DepartmentId reader, string field) => new()
    {
        Id = new GrantId("g1"),
        Owner = owner,
        Reader = reader,
        Resource = Complaint,
        Fields = [field],
        Purposes = [Purpose.GovService],
        ExpireTime = Noon.AddDays(30),
        CreateTime = Noon,
    };

    private static GovernanceState With(GovernanceState state, Grant grant) => state.Apply(new GovernanceEvent.GrantIssued(grant), state.Position + 1);

    private static GovernanceState WithEntry(GovernanceState state, DepartmentId department, int field, SharingClass sharingClass, Mask mask) =>
        state.Apply(
            new GovernanceEvent.SharingListChanged(new SharingList
            {
                Department = department,
                Resource = Complaint,
                Revision = 1,
                Entries = [new() { FieldNumber = field, Level = Level.Sensitive, SharingClass = sharingClass, OpenClass = OpenClass.NotOpen, Mask = mask }],
            }),
            state.Position + 1);
}
