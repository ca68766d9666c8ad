using Exchange.Catalog;
using Exchange.Catalog.Access;
using Exchange.Catalog.Governance;
using Exchange.Policy.Conditions;
using Exchange.Policy.Language;
using Exchange.Policy.Masks;
using Exchange.Server.Access;
using Exchange.Server.Tests.Records;
using Microsoft.Extensions.DependencyInjection;

namespace Exchange.Server.Tests.Access;

public sealed class ReadPlansTests(CityHub city) : IClassFixture<CityHub>
{
    private static readonly PolicyRow Inside = new()
    {
        Id = new("inside-only"), Subject = "*", Object = "resources/complaint", Actions = [PolicyAction.Read], Effect = RuleEffect.Deny,
        Condition = "!ipMatch(r.context.network, '10.0.0.0/8')", Reason = "records stay in the government's network",
    };

    private static readonly ResourceId Letters = new("letters");
    private static readonly Caller FromInside = City.Archive with { Network = "10.1.2.3" };
    private static readonly Caller FromOutside = City.Archive with { Network = "192.0.2.7" };

    // Of this test alone: plans are kept for the newest state they were asked for, and the tests ask for states of their own.
    private readonly ReadPlans plans = ActivatorUtilities.CreateInstance<ReadPlans>(city.Hub.Services);

    [Fact]
    public void A_plan_that_asks_for_the_address_is_kept_for_that_address()
    {
        var state = city.State.With(new GovernanceEvent.PolicyRowSet(Inside));

        Assert.True(Find(state, FromOutside).Plan.IsDenied);
        Assert.False(Find(state, FromInside).Plan.IsDenied);
        Assert.True(Find(state, City.Archive).Plan.IsDenied);
        Assert.Same(Find(state, FromInside), Find(state, FromInside));
        Assert.NotSame(Find(state, FromInside), Find(state, FromInside with { Network = "10.1.2.4" }));
        Assert.Equal("RULE_FAILED", Find(state, City.Archive).Plan.Fields[0].Rules[0].Reason);
    }

    [Fact]
    public void A_plan_for_an_address_that_nobody_calls_from_is_not_kept()
    {
        Assert.Same(Find(city.State, FromInside, isAddressMadeUp: true), Find(city.State, FromOutside));

        var state = city.State.With(new GovernanceEvent.PolicyRowSet(Inside));

        Assert.NotSame(Find(state, FromInside, isAddressMadeUp: true), Find(state, FromInside, isAddressMadeUp: true));
    }

    [Fact]
    public void Any_other_plan_is_shared_by_all_addresses() => Assert.Same(Find(city.State, FromInside), Find(city.State, FromOutside));

    [Fact]
    public void Keyed_hashes_join_one_department_s_values_over_time_and_resources_and_never_those_of_two_departments()
    {
        var hashed = City.Fields.Where(field => field.Name is "title").Select(field => field with { Mask = new Mask(MaskKind.HashKeyed) }).ToList();
        var state = city.State.With(
            new GovernanceEvent.ResourcePublished(new ResourceDefinition(City.Complaint, 2, hashed) { Department = City.Centre.Department }),
            new GovernanceEvent.ResourcePublished(new ResourceDefinition(Letters, 1, hashed) { Department = City.Centre.Department }));

        var first = Hash(City.Archive, City.Complaint);
        var others = Hash(City.Traffic, City.Complaint);

        Assert.NotEqual("13800001111", first);
        Assert.Equal(first, Hash(City.Archive, Letters));
        Assert.Equal(first, Hash(City.Archive with { Client = new ClientId("another-machine") }, Letters, PlanAction.Follow));
        Assert.NotEqual(first, others);
        Assert.Equal(others, Hash(City.Traffic, Letters));
        state = state.With(new GovernanceEvent.PolicyRowSet(Inside with { Subject = "roles/operator" }));
        Assert.Equal(first, Hash(City.Archive, City.Complaint));

        string Hash(Caller caller, ResourceId resource, PlanAction action = PlanAction.Pull)
        {
            var found = plans.Find(state, caller, resource, action, Purpose.Regulation).Value;
            var everybody = found.Plan.Fields[0].Rules.Length - 1; // after the owner's own rule
            return found.Masks.Show(0, everybody, FieldValue.Text("13800001111")).AsText;
        }
    }

    private ReadPlan Find(GovernanceState state, Caller caller, bool isAddressMadeUp = false) =>
        plans.Find(state, caller, City.Complaint, PlanAction.Get, Purpose.Regulation, isAddressMadeUp).Value;
}
