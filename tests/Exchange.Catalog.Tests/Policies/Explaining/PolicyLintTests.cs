using System.Collections.Immutable;
using Exchange.Catalog.Governance;
using Exchange.Catalog.Policies;
using Exchange.Policy.Language;
using Exchange.Policy.Masks;
using static Exchange.Catalog.Tests.City;

namespace Exchange.Catalog.Tests.Policies.Explaining;

public sealed class PolicyLintTests
{
    private const string Content = "resources/complaint/fields/content";

    [Fact]
    public void Rows_that_have_an_effect_are_not_complained_of()
    {
        Assert.Empty(Lint(
            Permit("content-for-roads", "departments/road-office", Content),
            Permit("content-of-the-hotline", "departments/petition-forum", "*") with { Department = Hotline, Condition = "r.object.level == 3" },
            Forbid("no-titles-for-roads", "departments/road-office", "resources/complaint/fields/title"),
            Permit("on-request", "levels/city", "resources/complaint/fields/cost") with { Condition = "r.context.purpose == 'EMERGENCY'", RowFilter = "district = caller.department" }));
    }

    [Theory]
    [InlineData("levels/grid", Content, "", "", "no department is in `levels/grid`")]
    [InlineData("levels/city", "categories/empty", "", "", "no field that it could count for is in `categories/empty`")]
    [InlineData("*", "*", "r.caller.level == 'city' && r.caller.level == 'district'", "", "its condition")]
    [InlineData("departments/road-office", "*", "r.caller.department == 'petition-forum'", "", "its condition")]
    [InlineData("*", "*", "r.context.purpose == 'CURIOSITY'", "", "its condition")]
    [InlineData("*", "*", "", "source_id = \"a\" AND source_id = \"b\"", "no record")]
    [InlineData("*", "*", "", "opener_department = caller.parent", "no record")]
    public void A_row_that_nothing_of_today_makes_match_is_found_with_why(string subject, string what, string condition, string filter, string why)
    {
        var state = State.Apply(new GovernanceEvent.CategoriesDefined([new() { Code = new("empty"), DisplayName = "Empty" }]), State.Position + 1);

        var finding = Assert.Single(Lint(state, Forbid("lost", subject, what) with { Condition = condition, RowFilter = filter }));

        Assert.Equal(PolicyFindingKind.NeverMatches, finding.Kind);
        Assert.Equal(["policyRows/lost"], finding.Names);
        Assert.Contains(why, finding.Message);
        Assert.NotEqual("", finding.NextStep);
    }

    [Fact]
    public void A_departments_row_on_administering_that_none_of_its_stewards_is_bound_by_never_matches()
    {
        var row = Forbid("others", "departments/road-office", "*") with { Actions = [PolicyAction.Administer], Department = Hotline };

        Assert.Contains("binds stewards of `hotline-12345` only", Assert.Single(Lint(row)).Message);
        Assert.Empty(Lint(row with { Subject = "roles/steward" }));
    }

    [Theory]
    [InlineData("r.context.time == '03:30'")]
    [InlineData("r.context.date == '2031-01-01'")]
    [InlineData("ipMatch(r.context.network, '10.0.0.0/8')")]
    public void Of_a_row_that_hangs_on_the_hour_or_the_caller_s_address_nothing_is_said(string condition) =>
        Assert.Empty(Lint(Forbid("at-night", "*", "*") with { Condition = condition }));

    [Fact]
    public void A_row_that_hangs_on_the_call_is_counted_and_hides_no_finding_about_others()
    {
        var office = Forbid("a-office", "*", "*") with { Condition = "!ipMatch(r.context.network, '10.0.0.0/8')" };
        var night = Forbid("b-night", "departments/road-office", "*") with { Condition = "r.context.time < '23:59'" };
        PolicyRow[] others =
        [
            Forbid("lost", "departments/road-office", "*") with { Condition = "r.caller.department == 'petition-forum'" },
            Permit("in-use", "departments/road-office", Content),
            Forbid("fails", "departments/road-office", Content) with { Condition = "r.caller.level > 3" },
        ];

        var alone = Report(State, others);
        var beside = Report(State, [office, night, .. others]);

        Assert.Equal(
            [(PolicyFindingKind.NeverMatches, "policyRows/lost"), (PolicyFindingKind.Fails, "policyRows/fails")], alone.Findings.Select(finding => (finding.Kind, finding.Names[0])));
        Assert.Equal(alone.Findings.Select(finding => finding.Message), beside.Findings.Select(finding => finding.Message));
        Assert.Equal((0, 2), (alone.UntriedRows, beside.UntriedRows));
    }

    [Fact]
    public void A_condition_that_fails_and_a_filter_that_can_no_longer_be_read_are_found()
    {
        var findings = Lint(Permit("fails", "*", Content) with { Condition = "r.caller.level > 3" }, Permit("unreadable", "*", Content) with { RowFilter = "gone = \"x\"" });

        Assert.Equal([(PolicyFindingKind.Fails, "policyRows/fails"), (PolicyFindingKind.Fails, "policyRows/unreadable")], findings.Where(IsNotEveryone).Select(f => (f.Kind, f.Names[0])));
    }

    [Fact]
    public void A_row_that_names_an_attribute_is_found_when_no_department_has_it_and_a_condition_also_when_one_that_asks_lacks_it()
    {
        var filtered = Permit("filtered", "levels/city", "resources/complaint/fields/cost") with { RowFilter = "district = caller.district" };
        var conditional = filtered with { Id = new("conditional"), RowFilter = "", Condition = "r.caller.district == 'east'" };
        var ours = conditional with { Id = new("ours"), Subject = "departments/road-office", RowFilter = "district = \"west\"" };
        var some = State.Apply(new GovernanceEvent.DepartmentChanged(Department(Roads).Having(("district", "east"))), State.Position + 1);

        Assert.Empty(Lint(some, filtered, ours));
        Assert.Equal("Fails policyRows/conditional", Named(Assert.Single(Lint(some, conditional))));
        Assert.Equal(
            ["UnknownAttribute policyRows/conditional", "UnknownAttribute policyRows/filtered", "UnknownAttribute policyRows/ours"],
            Lint(filtered, conditional, ours).Select(Named));
        Assert.Contains("no `caller.district`, there are `caller.department`", Lint(filtered).Single().Message);

        static string Named(PolicyFinding finding) => $"{finding.Kind} {finding.Names[0]}";
    }

    [Theory]
    [InlineData("roles/steward", Content, "base/department-systems-only")]
    [InlineData("departments/road-office", "resources/complaint/fields/leader_note", "base/not-shared")]
    [InlineData("departments/road-office", "resources/complaint/fields/title", "base/unconditional")]
    public void A_permit_that_the_hub_s_own_rows_forbid_or_give_anyway_is_found(string subject, string what, string by)
    {
        var finding = Assert.Single(Lint(Permit("in-vain", subject, what)));

        Assert.Equal(PolicyFindingKind.ShadowedPermit, finding.Kind);
        Assert.Equal("policyRows/in-vain", finding.Names[0]);
        Assert.Contains($"policyRows/{by}", finding.Names);
    }

    [Fact]
    public void A_permit_that_another_row_forbids_everywhere_is_found_and_one_that_it_forbids_in_part_is_not()
    {
        var whole = Lint(Permit("roads-content", "departments/road-office", Content), Forbid("no-roads", "departments/road-office", "resources/complaint"));
        var inPart = Lint(
            Permit("roads-content", "departments/road-office", Content), Forbid("no-roads", "departments/road-office", "resources/complaint") with { RowFilter = "district = \"east\"" });

        Assert.Equal([(PolicyFindingKind.ShadowedPermit, "policyRows/roads-content policyRows/no-roads")], whole.Select(f => (f.Kind, string.Join(' ', f.Names.Take(2)))));
        Assert.Empty(inPart);
    }

    [Fact]
    public void Of_two_permits_that_say_the_same_the_later_name_is_found_and_a_wider_one_shadows_a_narrower()
    {
        var same = Lint(Permit("a-first", "departments/road-office", Content), Permit("b-second", "departments/road-office", Content));
        var narrower = Lint(Permit("a-first", "departments/road-office", Content) with { RowFilter = "district = \"east\"" }, Permit("b-second", "departments/road-office", Content));
        var otherwise = Lint(
            Permit("a-first", "departments/road-office", Content) with { Mask = new Mask(MaskKind.Redact) },
            Permit("b-second", "departments/road-office", Content) with { Mask = new Mask(MaskKind.ShowLastN, 2) });

        Assert.Equal("policyRows/b-second", Assert.Single(same).Names[0]);
        Assert.Equal("policyRows/a-first", Assert.Single(narrower).Names[0]);
        Assert.Empty(otherwise);
    }

    [Fact]
    public void Of_two_permits_that_say_the_same_where_both_count_the_wider_stays_whatever_their_names()
    {
        var content = Permit("a-content", "*", Content) with { Mask = Mask.None };
        var everything = Permit("b-everything", "*", "*") with { Mask = Mask.None };

        var finding = Assert.Single(Lint(content, everything), finding => finding.Kind is PolicyFindingKind.ShadowedPermit);

        Assert.Equal("policyRows/a-content", finding.Names[0]);
        Assert.Contains("`b-everything`", finding.Message);
        Assert.Contains("already", finding.Message);
    }

    [Fact]
    public void A_permit_to_everyone_on_a_sensitive_field_is_found_unless_a_mask_stands_on_it()
    {
        var open = Lint(Permit("to-all", "*", "resources/complaint"));
        var byLevel = Lint(Permit("to-all-cities", "levels/city", Content));
        var masked = Lint(Permit("to-all", "*", Content) with { Mask = new Mask(MaskKind.Redact) });
        var named = Lint(Permit("to-one", "departments/road-office", Content));

        var finding = Assert.Single(open);
        Assert.Equal((PolicyFindingKind.PermitToEveryone, "policyRows/to-all"), (finding.Kind, finding.Names[0]));
        Assert.Contains("complaint/content", finding.Message);
        Assert.DoesNotContain("title", finding.Message);
        Assert.Equal(PolicyFindingKind.PermitToEveryone, Assert.Single(byLevel).Kind);
        Assert.Empty(masked);
        Assert.Empty(named);
    }

    [Fact]
    public void A_sensitive_field_that_its_owner_shares_unconditionally_is_found_on_its_list()
    {
        var shared = State.Apply(
            new GovernanceEvent.SharingListChanged(new SharingList
            {
                Department = Forum, Resource = Complaint, Revision = 1,
                Entries = [new() { FieldNumber = 2, Level = Level.Sensitive, SharingClass = SharingClass.Unconditional, OpenClass = OpenClass.NotOpen }],
            }),
            State.Position + 1);

        var finding = Assert.Single(Lint(shared));

        Assert.Equal(PolicyFindingKind.PermitToEveryone, finding.Kind);
        Assert.Equal(["departments/petition-forum/sharingLists/complaint", "policyRows/base/unconditional"], finding.Names);
    }

    [Fact]
    public void Departments_and_categories_that_stand_above_themselves_are_found_before_anything_else()
    {
        var state = new GovernanceEvent[]
        {
            new GovernanceEvent.DepartmentRegistered(Department(Roads) with { Parent = Revisit }),
            new GovernanceEvent.DepartmentRegistered(Department(Revisit) with { Parent = Roads }),
            new GovernanceEvent.DepartmentRegistered(Department(Forum) with { Parent = Revisit }),
            new GovernanceEvent.CategoriesDefined([new() { Code = new("1"), DisplayName = "One", Parent = new("1") }]),
        }.Aggregate(State, (current, e) => current.Apply(e, current.Position + 1));

        var findings = Lint(state, Forbid("lost", "levels/grid", "*"));

        Assert.All(findings, finding => Assert.Equal(PolicyFindingKind.RoleCycle, finding.Kind));
        Assert.Equal(["categories/1", "departments/follow-up departments/road-office"], findings.Select(finding => string.Join(' ', finding.Names.Order(StringComparer.Ordinal))));
    }

    private static bool IsNotEveryone(PolicyFinding finding) => finding.Kind is not PolicyFindingKind.PermitToEveryone;

    private static PolicyRow Permit(string id, string subject, string what) => Row(id, RuleEffect.Allow, subject, what);

    private static PolicyRow Forbid(string id, string subject, string what) => Row(id, RuleEffect.Deny, subject, what);

    private static PolicyRow Row(string id, RuleEffect effect, string subject, string what) => new()
    {
        Id = new(id), Subject = subject, Object = what, Actions = [PolicyAction.Read], Effect = effect, Reason = "for the test",
    };

    private static ImmutableArray<PolicyFinding> Lint(params PolicyRow[] rows) => Lint(State, rows);

    private static ImmutableArray<PolicyFinding> Lint(GovernanceState state, params PolicyRow[] rows) => Report(state, rows).Findings;

    // As facts, so that rows stand that no rule would let in today.
    private static PolicyLintReport Report(GovernanceState state, params PolicyRow[] rows) => PolicyLint.Check(
        rows.Aggregate(state, (current, row) => current.Apply(new GovernanceEvent.PolicyRowSet(row), current.Position + 1)), Noon, CancellationToken.None);
}
