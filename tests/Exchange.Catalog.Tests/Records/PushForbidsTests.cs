using Exchange.Catalog.Governance;
using Exchange.Catalog.Records;
using Exchange.Policy.Conditions;
using Exchange.Policy.Language;
using static Exchange.Catalog.Tests.Records.Push;

namespace Exchange.Catalog.Tests.Records;

public sealed class PushForbidsTests
{
    private static readonly GovernanceState Start = Push.Governance;

    [Fact]
    public void A_field_that_a_row_forbids_is_rejected_with_the_row_and_whom_to_ask()
    {
        var state = Set(Forbid("no-titles", "departments/hotline-12345", "resources/complaint/fields/title") with { Department = City.Hotline });

        var decision = Change(state, Opened(), ("title", Text("Flood")), ("district", Text("north")));

        Assert.Equal(RecordOutcome.Rejected, decision.Outcome);
        Assert.Null(decision.NewState);
        var error = Assert.Single(decision.Errors);
        Assert.Equal(("title", "FORBIDDEN_BY_POLICY"), (error.Field, error.Reason));
        Assert.Equal("policy row `no-titles` forbids to push this field: ask `hotline-12345`, which set it", error.Message);
    }

    [Fact]
    public void Every_forbidden_field_is_told_and_a_field_that_does_not_change_is_not()
    {
        var state = Set(Forbid("closed", "*", "resources/complaint"));
        var record = Opened(("district", Text("north")));

        Assert.Equal(
            ["title FORBIDDEN_BY_POLICY", "district FORBIDDEN_BY_POLICY"], Change(state, record, ("title", Text("Flood")), ("district", Text("south"))).Reasons());
        Assert.Equal(RecordOutcome.Unchanged, Change(state, record, ("title", Text("Leak")), ("district", Text("north"))).Outcome);
    }

    [Fact]
    public void A_row_filter_is_asked_of_the_record_as_it_stands()
    {
        var state = Set(Forbid("done", "*", "*") with { RowFilter = "district = \"closed\"" });

        Assert.Equal(["title FORBIDDEN_BY_POLICY"], Change(state, Opened(("district", Text("closed"))), ("title", Text("Flood"))).Reasons());
        Assert.Equal(
            ["title FORBIDDEN_BY_POLICY", "district FORBIDDEN_BY_POLICY"],
            Change(state, Opened(("district", Text("closed"))), ("title", Text("Flood")), ("district", Text("open"))).Reasons());
        Assert.Equal(RecordOutcome.Accepted, Change(state, Opened(("district", Text("open"))), ("title", Text("Flood"))).Outcome);
    }

    [Fact]
    public void A_row_filter_is_asked_of_the_record_as_it_would_become()
    {
        var state = Set(Forbid("done", "*", "resources/complaint/fields/district") with { RowFilter = "district = \"closed\"" });

        Assert.Equal(["district FORBIDDEN_BY_POLICY"], Change(state, Opened(("district", Text("open"))), ("district", Text("closed"))).Reasons());
        Assert.Equal(RecordOutcome.Accepted, Change(state, Opened(("district", Text("open"))), ("district", Text("north"))).Outcome);
    }

    [Fact]
    public void Opening_a_record_is_a_write_of_what_it_would_become()
    {
        var filtered = Set(Forbid("done", "*", "*") with { RowFilter = "district = \"closed\" AND opener_department = caller.department AND source_system = \"hotline\"" });

        Assert.Equal(["title FORBIDDEN_BY_POLICY", "district FORBIDDEN_BY_POLICY"], Change(filtered, null, ("title", Text("Leak")), ("district", Text("closed"))).Reasons());
        Assert.Equal(RecordOutcome.Accepted, Change(filtered, null, ("title", Text("Leak")), ("district", Text("open"))).Outcome);
    }

    [Fact]
    public void A_record_is_not_opened_without_a_value_where_every_field_is_forbidden()
    {
        // Here nothing must be set at opening.
        var optional = Start.Apply(
            new GovernanceEvent.ResourcePublished(new(City.Complaint, 2, [.. City.Resource.Fields.Select(field => field with { Required = false })]) { Department = City.Hotline }),
            Start.Position + 1);
        var all = optional.Apply(new GovernanceEvent.PolicyRowSet(Forbid("closed", "*", "*")), optional.Position + 1);
        var one = optional.Apply(new GovernanceEvent.PolicyRowSet(Forbid("no-titles", "*", "resources/complaint/fields/title")), optional.Position + 1);

        var closed = Change(all, null, ("title", PushedValue.NotSent));

        Assert.Equal(["FORBIDDEN_BY_POLICY"], closed.Reasons());
        Assert.Contains("to open this record", closed.Errors[0].Message);
        Assert.Equal(RecordOutcome.Accepted, Change(one, null, ("title", PushedValue.NotSent)).Outcome);
    }

    [Fact]
    public void A_forbid_of_writing_leaves_proposals_and_a_forbid_of_proposing_leaves_writes()
    {
        var writing = Set(Forbid("no-writes", "*", "*"));
        var proposing = Set(Forbid("no-proposals", "*", "*") with { Actions = [PolicyAction.Propose] });

        Assert.Equal(RecordOutcome.Proposed, Propose(writing, Opened(), ("title", Text("Flood"))).Outcome);
        Assert.Equal(["title FORBIDDEN_BY_POLICY"], Propose(proposing, Opened(), ("title", Text("Flood"))).Reasons());
        Assert.Equal(RecordOutcome.Accepted, Change(proposing, Opened(), ("title", Text("Flood"))).Outcome);
        Assert.Equal(["title FIELD_NOT_OWNED"], Decide(proposing, Forum, Opened(), UnownedFields.Reject, ("title", Text("Flood"))).Reasons());
    }

    [Fact]
    public void A_proposal_is_judged_as_if_it_were_accepted()
    {
        var state = Set(Forbid("no-closing", "*", "*") with { Actions = [PolicyAction.Propose], RowFilter = "district = \"closed\"" });

        Assert.Equal(["district FORBIDDEN_BY_POLICY"], Propose(state, Opened(), ("district", Text("closed"))).Reasons());
        Assert.Equal(RecordOutcome.Proposed, Propose(state, Opened(), ("district", Text("open"))).Outcome);
        Assert.Equal(["title FORBIDDEN_BY_POLICY"], Propose(state, Opened(("district", Text("closed"))), ("title", Text("Flood"))).Reasons());
    }

    [Fact]
    public void A_proposal_is_judged_also_on_what_the_push_makes_of_the_record_before_it_is_accepted()
    {
        // The note would make the record one of which the row says nothing: until it is accepted, it does not.
        var state = Set(Forbid("east-only", "*", "*") with { Actions = [PolicyAction.Propose], RowFilter = "NOT leader_note = \"east\"" });
        (string Field, PushedValue Value)[] pushed = [("title", Text("Leak")), ("visits", PushedValue.Of(FieldValue.Integer(3))), ("leader_note", Text("east"))];

        Assert.Equal(RecordOutcome.Accepted, Decide(Start, Hotline, null, UnownedFields.Propose, pushed).Outcome);
        Assert.Equal(["visits FORBIDDEN_BY_POLICY", "leader_note FORBIDDEN_BY_POLICY"], Decide(state, Hotline, null, UnownedFields.Propose, pushed).Reasons());
    }

    [Fact]
    public void Everybody_may_say_that_a_record_is_confidential_unless_a_row_forbids_to_write_it()
    {
        (string Field, PushedValue Value) tightened = ("confidential", PushedValue.Of(FieldValue.Boolean(true)));

        Assert.Equal(RecordOutcome.Accepted, Decide(Start, Forum, Opened(), UnownedFields.Reject, tightened).Outcome);
        Assert.Equal(["confidential FORBIDDEN_BY_POLICY"], Decide(Set(Forbid("no-writes", "*", "*")), Forum, Opened(), UnownedFields.Reject, tightened).Reasons());
    }

    [Fact]
    public void Rows_on_other_actions_callers_resources_and_owners_do_not_count()
    {
        PolicyRow[] others =
        [
            Forbid("reading", "*", "*") with { Actions = [PolicyAction.Read, PolicyAction.Follow, PolicyAction.Match, PolicyAction.Export] },
            Forbid("forums", "departments/petition-forum", "*"),
            Forbid("stewards", "roles/steward", "*"),
            Forbid("not-keeper", "*", "*") with { Department = City.Forum },
            Forbid("of-forum", "*", "*") with { Condition = "r.object.owner == 'petition-forum'" },
        ];

        var state = others.Aggregate(Start, (current, row) => current.Apply(new GovernanceEvent.PolicyRowSet(row), current.Position + 1));

        Assert.Equal(RecordOutcome.Accepted, Change(state, Opened(), ("title", Text("Flood"))).Outcome);
        Assert.Null(Columns(Set(others[0]), Hotline, ["title"]).Forbids);
    }

    [Fact]
    public void A_row_that_fails_forbids()
    {
        var state = Set(Forbid("broken", "*", "*") with { Condition = "r.object.level > r.caller.level" });

        var decision = Change(state, Opened(), ("title", Text("Flood")));

        Assert.Equal(["title FORBIDDEN_BY_POLICY"], decision.Reasons());
        Assert.Contains("`broken` could not be evaluated", decision.Errors[0].Message);
    }

    [Fact]
    public void Purpose_address_and_time_of_the_push_count()
    {
        var state = Set(Forbid("at-night", "*", "*") with { Condition = "r.context.time >= '18:00' && r.context.purpose != 'EMERGENCY' && r.context.channel == 'grpc'" });
        var day = Columns(state, Hotline, ["title"]);
        var night = Columns(state, Hotline, ["title"], now: City.Noon.AddHours(8));
        var emergency = Columns(state, Hotline, ["title"], purpose: Purpose.Emergency, now: City.Noon.AddHours(8));
        var near = Set(Forbid("far-away", "*", "*") with { Condition = "!ipMatch(r.context.network, '10.0.0.0/8')" });

        Assert.Equal(City.Noon.AddMinutes(1), day.ExpireTime);
        Assert.Equal([RecordOutcome.Accepted, RecordOutcome.Rejected, RecordOutcome.Accepted], new[] { day, night, emergency }.Select(columns => Decide(columns).Outcome));
        Assert.Equal(RecordOutcome.Accepted, Decide(Columns(near, Hotline with { Network = "10.1.2.3" }, ["title"])).Outcome);
        Assert.Equal(RecordOutcome.Rejected, Decide(Columns(near, Hotline with { Network = "192.0.2.1" }, ["title"])).Outcome);

        static RecordDecision Decide(PushColumns columns) => RecordRules.Decide(columns, Opened(), "T1", 0, [Text("Flood")]);
    }

    [Fact]
    public void Headers_tell_which_fields_their_rows_look_at_and_whether_rows_on_pushing_changed()
    {
        var state = Set(Forbid("done", "*", "*") with { RowFilter = "district = \"closed\" AND record.confidential = true" });

        // The fields that name owners too.
        Assert.Equal([-1, 4, 6, 9], Columns(state, Hotline, ["title"]).ForbidNumbers);
        Assert.Empty(Columns(Start, Hotline, ["title"]).ForbidNumbers);
        Assert.False(PushColumns.HaveSameRows(Start, state, City.Resource));
        Assert.True(PushColumns.HaveSameRows(Start, Set(Forbid("reading", "*", "*") with { Actions = [PolicyAction.Read] }), City.Resource));
        Assert.True(PushColumns.HaveSameRows(Start, Set(Forbid("not-keeper", "*", "*") with { Department = City.Forum }), City.Resource));
        Assert.False(PushColumns.HaveSameRows(Start, Set(Forbid("keeper", "*", "*") with { Department = City.Hotline }), City.Resource));
        Assert.True(PushColumns.HaveSameRows(state, state.Apply(new GovernanceEvent.CategoriesDefined([new() { Code = new("civil"), DisplayName = "Civil" }]), state.Position + 1), City.Resource));
    }

    private static PolicyRow Forbid(string id, string subject, string target) => new()
    {
        Id = new(id), Subject = subject, Object = target, Actions = [PolicyAction.Write], Effect = RuleEffect.Deny, Reason = "a test",
    };

    private static GovernanceState Set(PolicyRow row) => Start.Apply(new GovernanceEvent.PolicyRowSet(row), Start.Position + 1);

    private static RecordDecision Change(GovernanceState state, RecordState? record, params (string Field, PushedValue Value)[] pushed) =>
        Decide(state, Hotline, record, UnownedFields.Reject, pushed);

    private static RecordDecision Propose(GovernanceState state, RecordState record, params (string Field, PushedValue Value)[] pushed) =>
        Decide(state, Forum, record, UnownedFields.Propose, pushed);

    private static RecordDecision Decide(GovernanceState state, Caller caller, RecordState? record, UnownedFields unowned, params (string Field, PushedValue Value)[] pushed) =>
        RecordRules.Decide(
            Columns(state, caller, [.. pushed.Select(item => item.Field)], unowned), record, caller == Hotline ? "T1" : null, 0, [.. pushed.Select(item => item.Value)]);
}
