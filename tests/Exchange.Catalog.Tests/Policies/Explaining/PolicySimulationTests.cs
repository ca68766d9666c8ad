using System.Collections.Immutable;
using Exchange.Catalog.Access;
using Exchange.Catalog.Governance;
using Exchange.Catalog.Policies;
using Exchange.Policy.Language;
using static Exchange.Catalog.Tests.City;

namespace Exchange.Catalog.Tests.Policies.Explaining;

public sealed class PolicySimulationTests
{
    [Fact]
    public void Only_the_plans_that_a_change_can_touch_are_compared()
    {
        var state = State.Apply(new GovernanceEvent.DepartmentRegistered(Department(new("road-depot")) with { Parent = Roads }), State.Position + 1);

        // 14 for a reader of a resource: two actions, seven purposes. Roads and its depot; everybody.
        Assert.Equal(28, Prepare(state, Forbid("departments/road-office")).PlanCount);
        Assert.Equal(5 * 14, Prepare(state, Forbid("*")).PlanCount);
        Assert.Equal(5 * 14, Prepare(state, Forbid("levels/city")).PlanCount);
        Assert.Equal(0, Prepare(state, Forbid("levels/grid")).PlanCount);
    }

    [Fact]
    public void Every_answer_that_differs_is_told_and_no_other()
    {
        var changes = Prepare(State, Forbid("*")).Compare(CancellationToken.None).ToList();

        Assert.All(changes, change => Assert.Equal(("title", 7), (change.Before.Field.Name, change.Purposes.Length)));
        Assert.Equal(State.Departments.Count * 2, changes.Count);
        foreach (var change in changes)
        {
            var today = AccessPlanCompiler.Compile(State, new Caller(change.Department, new("any"), Role.DepartmentSystem), change.Resource, change.Action, Purpose.Other, 1, Noon).Value;
            Assert.Equal(today.Fields[0].Rules, change.Before.Rules);
            Assert.Equal((FieldAnswer.Shown, FieldAnswer.Withheld), (change.Before.Answer, change.After.Answer));
        }
    }

    [Fact]
    public void A_change_is_decided_with_the_parts_before_it_and_a_row_may_come_and_go()
    {
        var row = Forbid("*");

        var simulation = PolicySimulation.Prepare(State, new ProposedChange { SetRows = [row], RemovedRows = [row.Id] }, new SimulationScope(), Noon);

        Assert.Empty(simulation.Value.Compare(CancellationToken.None));
    }

    [Fact]
    public void More_plans_than_one_call_takes_are_refused_with_the_bound_and_what_to_do()
    {
        var crowded = Enumerable.Range(0, 1_000).Aggregate(
            State, (state, number) => state.Apply(new GovernanceEvent.DepartmentRegistered(Department(new($"office-{number}"))), state.Position + 1));

        var refused = PolicySimulation.Prepare(crowded, new ProposedChange { SetRows = [Forbid("*")] }, new SimulationScope(), Noon);
        var scoped = PolicySimulation.Prepare(crowded, new ProposedChange { SetRows = [Forbid("*")] }, new SimulationScope { Purposes = [Purpose.Analysis] }, Noon);

        var violation = Assert.Single(refused.Refusal!.Violations);
        Assert.Equal("TOO_LARGE", violation.Reason);
        Assert.Contains("10000", violation.Message);
        Assert.Contains("name departments, resources or purposes", violation.Message);
        Assert.False(scoped.IsRefused);
    }

    [Fact]
    public void What_hangs_on_the_caller_s_address_is_compared_for_the_one_that_is_given_and_named_as_unjudged_without()
    {
        var office = Forbid("*") with { Id = new("only-from-the-office"), Condition = "!ipMatch(r.context.network, '10.1.0.0/16')" };
        var research = Forbid("departments/road-office") with { Id = new("not-from-outside"), Condition = "r.context.purpose == 'RESEARCH' && !ipMatch(r.context.network, '10.0.0.0/8')" };
        var visits = Forbid("*") with { Id = new("no-visits"), Object = "resources/complaint/fields/visits" };

        var unknown = Simulate(null, office, research, visits);
        var inside = Simulate("10.1.2.3", office, research);
        var outside = Simulate("192.0.2.1", office, research);

        Assert.Equal(["not-from-outside", "only-from-the-office"], unknown.Unjudged);
        Assert.Equal("visits", Assert.Single(unknown.Changes.Select(changed => changed.Before.Field.Name).Distinct()));
        Assert.Equal((0, 0), (inside.Unjudged.Length, inside.Changes.Length));
        Assert.Empty(outside.Unjudged);
        Assert.Equal((State.Departments.Count * 2) + 2, outside.Changes.Length); // in research two rows forbid the road office
        Assert.All(outside.Changes, changed => Assert.Equal((FieldAnswer.Withheld, PlanReason.Forbidden), (changed.After.Answer, changed.After.Rules[0].Reason)));
    }

    [Fact]
    public void What_the_change_does_not_touch_is_neither_compared_nor_unjudged()
    {
        var office = Forbid("*") with { Id = new("only-from-the-office"), Condition = "!ipMatch(r.context.network, '10.1.0.0/16')" };
        var state = State.Apply(new GovernanceEvent.PolicyRowSet(office), State.Position + 1);
        var visits = Forbid("*") with { Id = new("no-visits"), Object = "resources/complaint/fields/visits" };

        var simulation = PolicySimulation.Prepare(state, new ProposedChange { SetRows = [visits] }, new SimulationScope(), Noon).Value;

        Assert.NotEmpty(simulation.Compare(CancellationToken.None));
        Assert.Empty(simulation.UnjudgedRows);
    }

    private static (AnswerChange[] Changes, string[] Unjudged) Simulate(string? network, params ImmutableArray<PolicyRow> rows)
    {
        var simulation = PolicySimulation.Prepare(State, new ProposedChange { SetRows = rows }, new SimulationScope { Network = network }, Noon).Value;
        AnswerChange[] changes = [.. simulation.Compare(CancellationToken.None)];
        return (changes, [.. simulation.UnjudgedRows]);
    }

    private static PolicySimulation Prepare(GovernanceState state, PolicyRow row)
    {
        var prepared = PolicySimulation.Prepare(state, new ProposedChange { SetRows = [row] }, new SimulationScope(), Noon);
        Assert.Null(prepared.Refusal);
        return prepared.Value;
    }

    private static PolicyRow Forbid(string subject) => new()
    {
        Id = new("tried-out"), Subject = subject, Object = "resources/complaint/fields/title", Actions = [PolicyAction.Read, PolicyAction.Follow], Effect = RuleEffect.Deny, Reason = "for the test",
    };
}
