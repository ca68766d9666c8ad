using Exchange.Catalog.Governance;

namespace Exchange.Catalog.Tests.Access.Grants;

public class GrantStepsTests
{
    private static readonly GrantId Id = new("0b3f4a52-6c1d-4a6f-8d0e-0c7b5f1f2a01");
    private static readonly ClientId Desk = new("roads-desk");

    private static GovernanceState Offered(Func<Grant, Grant>? change = null)
    {
        var grant = new Grant
        {
            Id = Id,
            Owner = City.Hotline,
            Reader = City.Roads,
            Resource = City.Complaint,
            Fields = ["content"],
            Purposes = [Purpose.GovService],
            ExpireTime = China(2026, 4, 1),
            RenewalPeriod = RenewalPeriod.Month,
            Agreement = new AgreementId(City.Hotline, "reading"),
        };
        return City.State.After(GrantRules.Issue(City.State, change?.Invoke(grant) ?? grant, City.Noon));
    }

    private static GovernanceState Accepted(Func<Grant, Grant>? change = null)
    {
        var state = Offered(change);
        return state.After(GrantSteps.Accept(state, City.Hotline, Id, 1, Desk, City.Noon));
    }

    private static DateTimeOffset China(int year, int month, int day) => new(year, month, day, 0, 0, 0, TimeSpan.FromHours(8));

    private static Grant It(GovernanceState state) => state.Grants[Id.Value];

    [Fact]
    public void A_grant_counts_from_its_start_once_it_is_accepted_in_the_version_it_is_bound_to()
    {
        var offered = Offered(grant => grant with { StartTime = City.Noon.AddDays(2) });
        var other = GrantSteps.Accept(offered, City.Hotline, Id, 2, Desk, City.Noon);
        var accepted = offered.After(GrantSteps.Accept(offered, City.Hotline, Id, 1, Desk, City.Noon));

        Assert.Equal(["agreement_version STALE_VERSION"], other.Violations());
        Assert.Equal(
            [GrantState.Pending, GrantState.Active, GrantState.Expired],
            new[] { City.Noon, City.Noon.AddDays(2), China(2026, 4, 1) }.Select(now => It(accepted).StateAt(now)));
        Assert.Null(GrantSteps.Accept(accepted, City.Hotline, Id, 1, Desk, City.Noon).Value.Event);
        Assert.Equal("PENDING", GrantSteps.Decline(accepted, City.Hotline, Id, "no", City.Noon).Refusal?.Metadata["state"]);
    }

    [Fact]
    public void A_declined_grant_is_over()
    {
        var state = Offered();
        state = state.After(GrantSteps.Decline(state, City.Hotline, Id, "not needed any more", City.Noon));

        Assert.Equal((GrantState.Declined, "not needed any more"), (It(state).StateAt(City.Noon), It(state).Reason));
        Assert.Equal("DECLINED", GrantSteps.Accept(state, City.Hotline, Id, 1, Desk, City.Noon).Refusal?.Metadata["state"]);
        Assert.Equal("DECLINED", GrantRules.Revoke(state, City.Hotline, Id, "late", City.Noon).Refusal?.Metadata["state"]);
    }

    [Theory]
    [InlineData(RenewalPeriod.Month, 2026, 4, 1, 2026, 5, 1)] // to the end of March: to the end of April
    [InlineData(RenewalPeriod.Month, 2026, 3, 20, 2026, 5, 1)]
    [InlineData(RenewalPeriod.Month, 2027, 1, 1, 2027, 2, 1)]
    [InlineData(RenewalPeriod.Quarter, 2026, 4, 1, 2026, 7, 1)]
    [InlineData(RenewalPeriod.Quarter, 2026, 12, 31, 2027, 4, 1)]
    public void A_grant_is_renewed_to_the_end_of_the_next_period(RenewalPeriod period, int year, int month, int day, int toYear, int toMonth, int toDay)
    {
        var end = China(year, month, day);
        var state = Accepted(grant => grant with { ExpireTime = end, RenewalPeriod = period });
        var early = GrantSteps.RequestRenewal(state, City.Hotline, Id, GrantSteps.RenewableFrom(state, It(state)).AddTicks(-1));
        state = state.After(GrantSteps.RequestRenewal(state, City.Hotline, Id, end.AddHours(-1)));
        state = state.After(GrantSteps.ReviewRenewal(state, City.Hotline, Id, true, "", end.AddHours(-1)));

        Assert.Equal(RefusalReason.WrongState, early.Refusal?.Reason);
        Assert.Equal(China(toYear, toMonth, toDay), It(state).ExpireTime);
        Assert.Equal(RefusalReason.WrongState, GrantSteps.ReviewRenewal(state, City.Hotline, Id, true, "", end.AddHours(-1)).Refusal?.Reason);
    }

    [Fact]
    public void Nothing_is_renewed_that_nobody_asked_for_that_is_not_renewed_or_at_its_end()
    {
        var end = China(2026, 4, 1);
        var state = Accepted();
        var once = Accepted(grant => grant with { RenewalPeriod = default });

        Assert.Equal(RefusalReason.WrongState, GrantSteps.ReviewRenewal(state, City.Hotline, Id, true, "", end.AddHours(-1)).Refusal?.Reason);
        Assert.Equal(RefusalReason.WrongState, GrantSteps.RequestRenewal(once, City.Hotline, Id, end.AddHours(-1)).Refusal?.Reason);
        Assert.Equal(RefusalReason.WrongState, GrantSteps.RequestRenewal(state, City.Hotline, Id, end).Refusal?.Reason);
    }

    [Fact]
    public void Start_renewal_and_end_are_told_once_each()
    {
        var state = Accepted(grant => grant with { StartTime = City.Noon.AddDays(1) });
        List<GrantStep?> told = [];
        foreach (var now in (DateTimeOffset[])[City.Noon, City.Noon.AddDays(1), City.Noon.AddDays(2), China(2026, 3, 31), China(2026, 4, 1), China(2026, 4, 2)])
        {
            var decision = Deadlines.Tell(state, Id, now);
            told.Add((decision.Value.Event as GovernanceEvent.GrantMoved)?.Step);
            state = state.After(decision);
        }

        Assert.Equal([null, GrantStep.Started, null, GrantStep.Renewable, GrantStep.Expired, null], told);
    }
}
