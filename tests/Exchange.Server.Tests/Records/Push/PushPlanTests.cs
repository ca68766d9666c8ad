using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Policy.Language;
using Exchange.Protos.V1;
using Exchange.Server.Records.Push;
using Exchange.Testing;
using PolicyAction = Exchange.Catalog.PolicyAction;
using PolicyRow = Exchange.Catalog.PolicyRow;
using RecordOutcome = Exchange.Protos.V1.RecordOutcome;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Records.Push;

/// <summary>Batches whose plan no longer holds when they are decided.</summary>
public sealed class PushPlanTests(PushFixture fixture) : IClassFixture<PushFixture>
{
    [Fact]
    public async Task A_batch_that_waited_while_a_policy_row_was_set_is_decided_by_the_row()
    {
        var waited = await WaitAsync("forbidden", new PolicyRow
        {
            Id = new("frozen"), Subject = "*", Object = "resources/complaint", Actions = [PolicyAction.Write], RowFilter = "calls = 7", Effect = RuleEffect.Deny, Reason = "a test",
        });

        var error = Assert.Single(waited.Results[0].Errors);
        Assert.Equal((RecordOutcome.Rejected, "title", "FORBIDDEN_BY_POLICY"), (waited.Results[0].Outcome, error.Field, error.Reason));
        Assert.Contains("`frozen`", error.Message);
    }

    [Fact]
    public async Task A_batch_that_waited_while_a_policy_row_was_set_carries_what_the_row_looks_at()
    {
        var waited = await WaitAsync("looked-at", new PolicyRow
        {
            Id = new("few-calls"), Subject = "departments/archive", Object = "resources/complaint", Actions = [PolicyAction.Follow], RowFilter = "calls > 3 AND tags : caller.parent", Effect = RuleEffect.Deny, Reason = "a test",
        });

        var stored = (await fixture.EventsAsync(waited.Results[0].RecordId))[^1];
        Assert.Equal((7L, 7L), (Assert.Single(stored.Before, value => value.Number is 13).Value.AsInteger, Assert.Single(stored.After, value => value.Number is 13).Value.AsInteger));
    }

    [Fact]
    public async Task A_batch_that_waited_until_a_row_s_hour_is_decided_by_the_row()
    {
        var time = new SteppedTime();
        fixture.Time = time;
        fixture.Governance = City.State.With(new GovernanceEvent.PolicyRowSet(new PolicyRow
        {
            Id = new("from-nine"), Subject = "*", Object = "*", Actions = [PolicyAction.Write], Condition = "r.context.time >= '09:00'", Effect = RuleEffect.Deny, Reason = "a test",
        }));
        try
        {
            var form = PushHeaderForm.Parse(fixture.Header(City.Centre, "title")).Value;
            var plan = (await fixture.Pusher.PlanAsync(City.Centre, form, CancellationToken.None)).Value;
            var early = RecordPusher.Prepare(plan, BatchContent.Of(new PushedBatch { Sequence = 1, Records = { Own("early", Text("a")) } })).Value;
            var late = RecordPusher.Prepare(plan, BatchContent.Of(new PushedBatch { Sequence = 2, Records = { Own("late", Text("a")) } })).Value;

            var before = (await fixture.TryPushAsync(City.Centre, form, early)).Value;
            time.Advance(TimeSpan.FromHours(1));
            var after = (await fixture.TryPushAsync(City.Centre, form, late)).Value;

            Assert.Equal((RecordOutcome.Accepted, RecordOutcome.Rejected), (before.Results[0].Outcome, after.Results[0].Outcome));
        }
        finally
        {
            (fixture.Time, fixture.Governance) = (TimeProvider.System, City.State);
        }
    }

    [Fact]
    public void A_plan_outlives_a_forbid_of_what_another_department_keeps_and_tells_states_apart_whatever_it_was_asked_before()
    {
        var plan = PushPlan.Resolve(City.State, City.Centre, PushHeaderForm.Parse(fixture.Header(City.Centre, "title")).Value.Pushed, DateTimeOffset.UtcNow).Value;
        GovernanceState After(Caller setter) => City.State.With(new GovernanceEvent.PolicyRowSet(new PolicyRow
        {
            Id = new("few-calls"), Department = setter.Department, Subject = "*", Object = "*", Actions = [PolicyAction.Read, PolicyAction.Write], RowFilter = "calls > 3", Effect = RuleEffect.Deny, Reason = "a test",
        }));
        var (keepers, others) = (After(City.Centre), After(City.Grid));

        Assert.Equal([true, false, false, true, true], new[] { others, keepers, keepers, others, City.State }.Select(plan.HoldsIn));
    }

    [Fact]
    public void A_header_s_plan_is_kept_also_when_a_client_sent_more_headers_than_are_kept()
    {
        var plans = new PushPlans();
        for (var address = 0; address < PushPlans.MostPlans; address++)
        {
            Assert.Same(Find($"10.0.{address / 250}.{address % 250}"), Find($"10.0.{address / 250}.{address % 250}"));
        }

        Assert.Same(Find("home"), Find("home"));

        PushPlan Find(string network) => plans.Find(
            City.State, City.Centre with { Network = network }, PushHeaderForm.Parse(fixture.Header(City.Centre, "title")).Value.Pushed, DateTimeOffset.UtcNow).Value;
    }

    // A record with 7 calls gets a new title, which was planned before the row was set.
    private async Task<PushReceipt> WaitAsync(string sourceId, PolicyRow row)
    {
        await fixture.PushAsync(City.Centre, fixture.Header(City.Centre, "title", "calls"), Own(sourceId, Text("a"), new Value { Integer = 7 }));
        var form = PushHeaderForm.Parse(fixture.Header(City.Centre, "title")).Value;
        var plan = (await fixture.Pusher.PlanAsync(City.Centre, form, CancellationToken.None)).Value;
        var batch = RecordPusher.Prepare(plan, BatchContent.Of(new PushedBatch { Sequence = 1, Records = { Own(sourceId, Text("b")) } })).Value;
        fixture.Governance = City.State.With(new GovernanceEvent.PolicyRowSet(row));
        try
        {
            return (await fixture.TryPushAsync(City.Centre, form, batch)).Value;
        }
        finally
        {
            fixture.Governance = City.State;
        }
    }
}
