using Exchange.Catalog;
using Exchange.Catalog.Access;
using Exchange.Catalog.Governance;
using Exchange.Server.Access;
using Exchange.Server.Access.Quotas;
using Exchange.Server.Audit;
using Exchange.Server.Governance;
using Exchange.Server.Tests.Records;
using Exchange.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Exchange.Server.Tests.Access.Quotas;

/// <summary>Quotas as their clock goes on.</summary>
public sealed class ReadQuotaTests(CityHub city) : IClassFixture<CityHub>
{
    // Eight in the morning; in the hub's time zone, which is eight hours ahead, the next day begins eight hours later.
    private readonly SteppedTime clock = new();

    [Fact]
    public async Task A_day_begins_anew_in_the_hubs_time_zone()
    {
        var quota = await QuotaAsync("day", new Quota(5, 0));
        Assert.Null(await TakeAsync(quota, 5));

        clock.Advance(TimeSpan.FromHours(8) - TimeSpan.FromTicks(1));
        var refused = await TakeAsync(quota, 1);
        var begun = await quota.BeginAsync(CancellationToken.None);
        clock.Advance(TimeSpan.FromTicks(1));

        Assert.Equal(("QUOTA_EXHAUSTED", TimeSpan.FromTicks(1)), (refused!.Reason.Code, refused.RetryAfter!.Value));
        Assert.Equal("QUOTA_EXHAUSTED", begun?.Reason.Code);
        Assert.Null(await quota.BeginAsync(CancellationToken.None));
        Assert.Equal(5, quota.Room);
        Assert.Null(await TakeAsync(quota, 5));
    }

    [Fact]
    public async Task A_minute_begins_anew()
    {
        var quota = await QuotaAsync("minute", new Quota(0, 2));
        var answers = new List<string?>();
        for (var call = 0; call < 6; call++)
        {
            answers.Add((await quota.BeginAsync(CancellationToken.None))?.Reason.Code);
            clock.Advance(TimeSpan.FromSeconds(20));
        }

        Assert.Equal([null, null, "RATE_LIMITED", null, null, "RATE_LIMITED"], answers);
    }

    [Fact]
    public async Task What_does_not_fit_whole_takes_nothing()
    {
        var quota = await QuotaAsync("whole", new Quota(5, 0));

        var refused = await TakeAsync(quota, 6);
        Assert.Null(await TakeAsync(quota, 3));
        var refusedLater = await TakeAsync(quota, 3);
        Assert.Null(await TakeAsync(quota, 2));

        Assert.Equal(("QUOTA_EXHAUSTED", "QUOTA_EXHAUSTED"), (refused?.Reason.Code, refusedLater?.Reason.Code));
    }

    [Fact]
    public async Task A_node_whose_clock_is_behind_counts_into_the_day_that_another_began()
    {
        var quota = await QuotaAsync("behind", new Quota(5, 0));
        clock.Advance(TimeSpan.FromHours(8));
        Assert.Null(await TakeAsync(quota, 4));

        clock.Advance(TimeSpan.FromMinutes(-1));

        Assert.Equal("QUOTA_EXHAUSTED", (await TakeAsync(quota, 2))?.Reason.Code);
        Assert.Null(await TakeAsync(quota, 1));
    }

    private async Task<ReadQuota> QuotaAsync(string grant, Quota quota)
    {
        await city.HappenAsync(new GovernanceEvent.GrantIssued(City.GrantTo(City.Archive, City.Grid, grant, "grid_note") with { Quota = quota, Purposes = [PurposeOf(grant)] }));
        var services = city.Hub.Services;
        var governance = services.GetRequiredService<GovernanceStore>();
        var plan = (await services.GetRequiredService<ReadPlans>().FindAsync(City.Archive, City.Complaint, PlanAction.Get, PurposeOf(grant), CancellationToken.None)).Value;
        int[] fields = [plan.Plan.Resource.IndexOf("grid_note")];
        return new ReadQuotas(services.GetRequiredService<GrantUses>(), services.GetRequiredService<OwnerNumbers>(), governance, clock)
            .Of(plan, [.. fields], RowOwners.Of(plan.Plan.Resource, fields), []);
    }

    // One for each test: a grant of another does not count.
    private static Purpose PurposeOf(string grant) => grant switch
    {
        "day" => Purpose.Regulation,
        "minute" => Purpose.Analysis,
        "whole" => Purpose.Emergency,
        _ => Purpose.Research,
    };

    private static Task<Refusal?> TakeAsync(ReadQuota quota, long rows) => quota.TryTakeAsync(rows, [], CancellationToken.None);
}
