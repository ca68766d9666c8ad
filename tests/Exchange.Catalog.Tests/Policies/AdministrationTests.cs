using Exchange.Catalog.Governance;
using Exchange.Catalog.Policies;
using Exchange.Policy.Language;
using static Exchange.Catalog.Tests.City;

namespace Exchange.Catalog.Tests.Policies;

public sealed class AdministrationTests
{
    private static readonly Caller HotlineSteward = new(Hotline, new("hotline-steward"), Role.Steward);
    private static readonly Caller ForumSteward = new(Forum, new("forum-steward"), Role.Steward);

    [Fact]
    public void What_a_row_forbids_to_administer_is_refused_with_the_row_and_whom_to_ask()
    {
        var refusal = Forbid(Set(Closed("frozen")), SharingOf("title"));

        Assert.Equal(RefusalReason.ForbiddenByPolicy, refusal?.Reason);
        Assert.Equal("policy row `frozen` forbids to administer `title` of `complaint`: ask whoever runs the hub", refusal?.Message);
        Assert.Equal(("frozen", "complaint"), (refusal!.Metadata["policy_row"], refusal.Metadata["resource"]));
        Assert.EndsWith("your department set it and may remove it", Forbid(Set(Closed("frozen") with { Department = Hotline }), SharingOf("title"))?.Message);
        Assert.Null(Forbid(State, SharingOf("title")));
    }

    [Fact]
    public void The_operator_is_never_bound() =>
        Assert.Null(Administration.Forbid(Set(Closed("frozen")), HotlineSteward with { Role = Role.Operator }, SharingOf("title"), Noon));

    [Fact]
    public void Rows_on_others_and_on_other_actions_do_not_bind()
    {
        Assert.Null(Forbid(Set(Closed("forum", "departments/petition-forum")), SharingOf("title")));
        Assert.Null(Forbid(Set(Closed("machines", "roles/department-system")), SharingOf("title")));
        Assert.Null(Forbid(Set(Closed("writing") with { Actions = [PolicyAction.Write] }), SharingOf("title")));
        Assert.Null(Forbid(Set(Closed("not-keeper") with { Department = Forum }), SharingOf("title")));
        Assert.NotNull(Forbid(Set(Closed("stewards", "roles/steward")), SharingOf("title")));
        Assert.NotNull(Forbid(Set(Closed("city", "levels/city")), SharingOf("title")));
    }

    [Fact]
    public void Of_a_sharing_list_the_changed_entries_count()
    {
        var state = Set(Closed("frozen", target: "resources/complaint/fields/title")).Apply(SharingOf("title"), 100);

        Assert.Null(Forbid(state, SharingOf("title", "content")));
        Assert.NotNull(Forbid(state, SharingOf("content")));
        Assert.NotNull(Forbid(state, new GovernanceEvent.SharingListChanged(new() { Department = Hotline, Resource = Complaint, Entries = [Entry("title") with { Level = Level.Internal }], Revision = 2 })));
    }

    [Fact]
    public void A_sharing_list_is_judged_as_it_stands_and_as_it_would_become()
    {
        var opening = Set(Closed("opening") with { Condition = "r.object.level >= 3 && r.object.sharing == 'unconditional'" });
        var open = Set(Closed("open") with { Condition = "r.object.open == 'unconditional'" });
        var sensitive = Entry("title") with { Level = Level.Sensitive };
        var everybody = Entry("title") with { OpenClass = OpenClass.Unconditional };

        Assert.NotNull(Forbid(opening, Listed(Entry("content") with { Level = Level.Sensitive, SharingClass = SharingClass.Unconditional })));
        Assert.Null(Forbid(opening, Listed(Entry("content") with { Level = Level.Sensitive })));
        Assert.NotNull(Forbid(opening, Listed(sensitive with { SharingClass = SharingClass.Unconditional })));
        Assert.Null(Forbid(opening, Listed(sensitive)));
        Assert.NotNull(Forbid(opening.Apply(Listed(sensitive with { SharingClass = SharingClass.Unconditional }), 100), Listed(Entry("title"))));
        Assert.NotNull(Forbid(open, Listed(everybody)));
        Assert.NotNull(Forbid(open.Apply(Listed(everybody), 100), Listed(Entry("title"))));
        Assert.Null(Forbid(open, Listed(Entry("title"))));
    }

    [Fact]
    public void A_departments_row_binds_its_own_stewards_only()
    {
        var own = Closed("own", target: "resources/complaint") with { Department = Hotline };
        var list = new GovernanceEvent.SharingListChanged(new() { Department = Forum, Resource = Complaint, Entries = [Entry("title")], Revision = 1 });
        var grant = new Grant { Id = new("g1"), Owner = Forum, Reader = Roads, Resource = Complaint, Fields = ["content"], Purposes = [Purpose.Other], ExpireTime = Noon.AddDays(1) };
        var given = Set(own).Apply(new GovernanceEvent.GrantIssued(grant), 100);

        Assert.NotNull(Forbid(Set(own), SharingOf("title")));
        Assert.NotNull(Forbid(Set(own), Published(Change("title"))));
        Assert.Null(Administration.Forbid(given, ForumSteward, list, Noon));
        Assert.Null(Administration.Forbid(given, ForumSteward, new GovernanceEvent.GrantRevoked(grant.Id, "a test", Noon), Noon));
        Assert.NotNull(Administration.Forbid(Set(own with { Department = null }), ForumSteward, list, Noon));

        // What fails in a row of another department is not asked at all, and hides no row of the operator.
        var failing = Set(own with { Condition = "r.object.level > r.caller.level" });
        Assert.Null(Administration.Forbid(failing, ForumSteward, list, Noon));
        Assert.NotNull(Administration.Forbid(failing.Apply(new GovernanceEvent.PolicyRowSet(Closed("zone")), 100), ForumSteward, list, Noon));
    }

    [Fact]
    public void Of_a_resource_the_changed_fields_count_or_all_where_none_changes()
    {
        var title = Set(Closed("title", target: "resources/complaint/fields/title"));

        Assert.Null(Forbid(title, Published(Change("content"))));
        Assert.NotNull(Forbid(title, Published(Change("title"))));
        Assert.NotNull(Forbid(title, Published([.. City.Resource.Fields])));
        Assert.NotNull(Forbid(title, Published(Change("content"), "another abstract")));
        Assert.NotNull(Forbid(Set(Closed("complaint", target: "resources/complaint")), Published([.. City.Resource.Fields, Field("more", 16, Exchange.Policy.Conditions.FieldType.Text)])));
        Assert.NotNull(Forbid(Set(Closed("all")), new GovernanceEvent.ResourcePublished(new(new("permit"), 1, [Field("number", 1, Exchange.Policy.Conditions.FieldType.Text)]) { Department = Hotline })));
    }

    [Fact]
    public void A_resource_is_judged_as_it_stands_and_as_it_would_become()
    {
        var state = State.Apply(new GovernanceEvent.CategoriesDefined([new() { Code = new("civil"), DisplayName = "Civil" }]), State.Position + 1);
        var closed = state.Apply(new GovernanceEvent.PolicyRowSet(Closed("civil", target: "categories/civil")), state.Position + 1);
        GovernanceEvent moved = new GovernanceEvent.ResourcePublished(new(Complaint, 2, City.Resource.Fields) { Department = Hotline, Category = new("civil") });

        Assert.Null(Forbid(closed, Published(Change("title"))));
        Assert.NotNull(Forbid(closed, moved));
        Assert.NotNull(Forbid(closed.Apply(moved, closed.Position + 1), Published(Change("title"))));
    }

    [Fact]
    public void Of_a_grant_its_fields_count_when_it_is_given_and_when_it_is_revoked()
    {
        var grant = new Grant { Id = new("g1"), Owner = Hotline, Reader = Roads, Resource = Complaint, Fields = ["content"], Purposes = [Purpose.Other], ExpireTime = Noon.AddDays(1) };
        var content = Set(Closed("content", target: "resources/complaint/fields/content"));
        var title = Set(Closed("title", target: "resources/complaint/fields/title"));
        var given = content.Apply(new GovernanceEvent.GrantIssued(grant), content.Position + 1);

        Assert.NotNull(Forbid(content, new GovernanceEvent.GrantIssued(grant)));
        Assert.Null(Forbid(title, new GovernanceEvent.GrantIssued(grant)));
        Assert.NotNull(Forbid(given, new GovernanceEvent.GrantRevoked(grant.Id, "a test", Noon)));
        Assert.NotNull(Forbid(Set(Closed("owners") with { Condition = "r.object.owner == 'hotline-12345'" }), new GovernanceEvent.GrantIssued(grant)));
        Assert.Null(Forbid(Set(Closed("owners") with { Condition = "r.object.owner == 'petition-forum'" }), new GovernanceEvent.GrantIssued(grant)));
    }

    [Fact]
    public void Of_a_policy_row_all_that_it_counts_for_counts_as_it_stands_and_as_it_would()
    {
        var state = Set(Closed("frozen", target: "resources/complaint/fields/title"));
        var wide = Closed("wide", target: "*") with { Actions = [PolicyAction.Read], Department = Hotline };
        var elsewhere = wide with { Department = Forum };
        var narrow = wide with { Object = "resources/complaint/fields/content" };
        var replaced = state.Apply(new GovernanceEvent.PolicyRowSet(wide), state.Position + 1);

        Assert.NotNull(Forbid(state, new GovernanceEvent.PolicyRowSet(wide)));
        Assert.Null(Forbid(state, new GovernanceEvent.PolicyRowSet(narrow)));
        Assert.Null(Forbid(state, new GovernanceEvent.PolicyRowSet(elsewhere)));
        Assert.NotNull(Forbid(replaced, new GovernanceEvent.PolicyRowSet(narrow)));
        Assert.NotNull(Forbid(replaced, new GovernanceEvent.PolicyRowRemoved(wide.Id, "", Noon)));
        Assert.NotNull(Forbid(state, new GovernanceEvent.PolicyRowRemoved(new("frozen"), "", Noon)));
    }

    [Fact]
    public void Of_a_policy_row_that_counts_for_nothing_yet_its_object_counts()
    {
        var state = State.Apply(new GovernanceEvent.CategoriesDefined([new() { Code = new("civil"), DisplayName = "Civil" }, new() { Code = new("housing"), DisplayName = "Housing", Parent = new("civil") }]), 100);
        GovernanceEvent row = new GovernanceEvent.PolicyRowSet(Closed("early", target: "categories/housing") with { Actions = [PolicyAction.Read], Effect = RuleEffect.Allow, Department = Hotline });
        GovernanceEvent everything = new GovernanceEvent.PolicyRowSet(Closed("early") with { Actions = [PolicyAction.Read], Department = Forum });

        Assert.Equal("policy row `closed` forbids to administer `categories/housing`: ask whoever runs the hub", Forbid(With(Closed("closed")), row)?.Message);
        Assert.NotNull(Forbid(With(Closed("closed", target: "categories/civil")), row));
        Assert.Null(Forbid(With(Closed("closed", target: "resources/complaint")), row));
        Assert.Null(Forbid(With(Closed("closed") with { Condition = "r.context.time >= '18:00'" }), row));
        Assert.Contains("could not be evaluated", Forbid(With(Closed("closed") with { Condition = "r.object.level >= 3" }), row)?.Message);
        Assert.NotNull(Administration.Forbid(With(Closed("closed")), ForumSteward, everything, Noon));
        Assert.Null(Administration.Forbid(With(Closed("closed", target: "categories/civil")), ForumSteward, everything, Noon));

        GovernanceState With(PolicyRow closed) => state.Apply(new GovernanceEvent.PolicyRowSet(closed), 101);
    }

    [Fact]
    public void A_department_frees_itself_of_what_it_forbade_itself()
    {
        var one = Closed("one") with { Department = Hotline };
        var state = Set(one).Apply(new GovernanceEvent.PolicyRowSet(one with { Id = new("other") }), 100);
        GovernanceEvent removed = new GovernanceEvent.PolicyRowRemoved(one.Id, "", Noon);
        GovernanceEvent replaced = new GovernanceEvent.PolicyRowSet(one with { Object = "resources/complaint/fields/title" });

        Assert.Null(Forbid(state, removed));
        Assert.Null(Forbid(state, replaced));
        Assert.NotNull(Forbid(state, new GovernanceEvent.PolicyRowSet(one with { Id = new("third") })));
        Assert.NotNull(Forbid(state.Apply(new GovernanceEvent.PolicyRowSet(Closed("frozen")), 101), removed));
        Assert.NotNull(Forbid(state.Apply(new GovernanceEvent.PolicyRowSet(Closed("frozen")), 101), replaced));
    }

    [Fact]
    public void A_row_that_fails_forbids_and_time_and_address_count()
    {
        Assert.Contains("could not be evaluated", Forbid(Set(Closed("broken") with { Condition = "r.object.level > r.caller.level" }), SharingOf("title"))?.Message);
        Assert.NotNull(Forbid(Set(Closed("noon") with { Condition = "r.context.time == '12:00'" }), SharingOf("title")));
        Assert.Null(Forbid(Set(Closed("night") with { Condition = "r.context.time >= '18:00'" }), SharingOf("title")));
        Assert.NotNull(Forbid(Set(Closed("far") with { Condition = "!ipMatch(r.context.network, '10.0.0.0/8')" }), SharingOf("title")));
        Assert.Null(Administration.Forbid(
            Set(Closed("far") with { Condition = "!ipMatch(r.context.network, '10.0.0.0/8')" }), HotlineSteward with { Network = "10.1.2.3" }, SharingOf("title"), Noon));
    }

    private static PolicyRow Closed(string id, string subject = "*", string target = "*") => new()
    {
        Id = new(id), Subject = subject, Object = target, Actions = [PolicyAction.Administer], Effect = RuleEffect.Deny, Reason = "a test",
    };

    private static GovernanceState Set(PolicyRow row) => State.After(PolicyRowRules.Set(State, row, Noon));

    private static Refusal? Forbid(GovernanceState state, GovernanceEvent change) => Administration.Forbid(state, HotlineSteward, change, Noon);

    private static SharingEntry Entry(string field) =>
        new() { FieldNumber = Resource.Fields[Resource.IndexOf(field)].Number, Level = Level.Public, SharingClass = SharingClass.Conditional, OpenClass = OpenClass.NotOpen };

    private static GovernanceEvent.SharingListChanged SharingOf(params string[] fields) => Listed([.. fields.Select(Entry)]);

    private static GovernanceEvent.SharingListChanged Listed(params SharingEntry[] entries) => new(new() { Department = Hotline, Resource = Complaint, Entries = [.. entries], Revision = 1 });

    private static FieldDefinition[] Change(string name) => [.. City.Resource.Fields.Select(field => field.Name == name ? field with { DisplayName = "another name" } : field)];

    private static GovernanceEvent.ResourcePublished Published(FieldDefinition[] fields, string? about = null) => new GovernanceEvent.ResourcePublished(
        new(Complaint, 2, fields) { Department = Hotline, DisplayName = City.Resource.DisplayName, Abstract = about ?? City.Resource.Abstract });
}
