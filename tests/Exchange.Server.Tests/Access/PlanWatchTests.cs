using Exchange.Catalog;
using Exchange.Catalog.Access;
using Exchange.Catalog.Governance;
using Exchange.Server.Access;
using Exchange.Server.Governance;
using Exchange.Server.Tests.Records;
using Microsoft.Extensions.DependencyInjection;

namespace Exchange.Server.Tests.Access;

public sealed class PlanWatchTests(CityHub city) : IClassFixture<CityHub>
{
    [Fact]
    public async Task A_stream_whose_plan_was_not_yet_held_against_the_newest_policies_sends_nothing()
    {
        var (governance, plans) = (city.Hub.Services.GetRequiredService<GovernanceStore>(), city.Hub.Services.GetRequiredService<ReadPlans>());
        var cancellationToken = TestContext.Current.CancellationToken;
        var first = (await plans.FindAsync(City.Archive, City.Complaint, PlanAction.Follow, Purpose.Regulation, cancellationToken)).Value!;
        using var looked = new ManualResetEventSlim();
        Refusal? Look(ReadPlan earlier, ReadPlan later)
        {
            looked.Wait(cancellationToken);
            return null;
        }

        await using var watch = new PlanWatch(governance, plans, City.Archive, first, Look, TimeProvider.System, cancellationToken);
        await watch.ConfirmAsync();
        await city.HappenAsync(new GovernanceEvent.GrantIssued(City.GrantTo(City.Archive, City.Centre, "watched", "content")));
        await governance.WaitBeyondAsync(first.Plan.Revision, cancellationToken);
        var confirming = watch.ConfirmAsync().AsTask();

        var (isConfirmed, current) = (confirming.IsCompleted, watch.Current);
        looked.Set();
        await confirming;

        Assert.False(isConfirmed);
        Assert.Same(first, current);
        Assert.True(watch.Current.Plan.Revision > first.Plan.Revision);
    }
}
