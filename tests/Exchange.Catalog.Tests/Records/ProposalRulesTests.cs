using System.Collections.Immutable;
using Exchange.Catalog.Records;

namespace Exchange.Catalog.Tests.Records;

public class ProposalRulesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);
    private static readonly Caller Owner = By("owner");
    private static readonly Caller Proposer = By("proposer");

    private static readonly Proposal Open = new()
    {
        Version = 2, IsDispute = false, Proposer = Proposer.Department, Owner = Owner.Department, Fields = [3, 7], State = ProposalState.Open, DueTime = Noon.AddDays(14),
    };

    [Fact]
    public void Its_owner_accepts_all_or_some_fields_and_nobody_else()
    {
        Assert.Null(Accept(Open, Owner, [3, 7]));
        Assert.Null(Accept(Open, Owner with { Role = Role.Steward }, [7]));
        Assert.Equal("NOT_OWN_DEPARTMENT", Accept(Open, Proposer, [3])!.Reason.Code);
        Assert.Equal("NOT_OWN_DEPARTMENT", Accept(Open, Owner with { Role = Role.Auditor }, [3])!.Reason.Code);
        Assert.Equal("NOT_OWN_DEPARTMENT", Accept(Open with { Owner = null }, Owner, [3])!.Reason.Code);
        Assert.Equal(RefusalKind.InvalidArgument, Accept(Open, Owner, [4])!.Reason.Kind);
        Assert.Equal(RefusalKind.InvalidArgument, Accept(Open, Owner, [])!.Reason.Kind);
    }

    [Fact]
    public void A_value_written_since_needs_the_version_that_the_owner_has_seen()
    {
        Assert.Null(Accept(Open, Owner, [3], changed: [7]));
        Assert.Equal("VALUE_CHANGED", Accept(Open, Owner, [3], changed: [3])!.Reason.Code);
        Assert.Equal("STALE_VERSION", Accept(Open, Owner, [3], changed: [3], named: 4)!.Reason.Code);
        Assert.Null(Accept(Open, Owner, [3], changed: [3], named: 5));
    }

    [Theory]
    [InlineData(ProposalState.Accepted)]
    [InlineData(ProposalState.Declined)]
    [InlineData(ProposalState.Withdrawn)]
    [InlineData(ProposalState.Lapsed)]
    public void What_is_over_stays_so_and_says_what_it_is(ProposalState state)
    {
        var over = Open with { State = state };

        Assert.All(
            [Accept(over, Owner, [3]), ProposalRules.Decline(over, Owner, "no", Noon), ProposalRules.Withdraw(over, Proposer, Noon)],
            refusal => Assert.Equal(("WRONG_STATE", state.ToString().ToUpperInvariant()), (refusal!.Reason.Code, refusal.Metadata["state"])));
        Assert.NotNull(ProposalRules.Lapse(over, Open.DueTime));
    }

    [Fact]
    public void It_lapses_at_the_end_of_its_time_and_is_not_decided_any_more()
    {
        Assert.Equal((true, false), (ProposalRules.Lapse(Open, Open.DueTime.AddTicks(-1)) is not null, ProposalRules.Lapse(Open, Open.DueTime) is not null));
        Assert.Null(ProposalRules.Decline(Open, Owner, "no", Open.DueTime.AddTicks(-1)));
        Assert.Equal("LAPSED", ProposalRules.Decline(Open, Owner, "no", Open.DueTime)!.Metadata["state"]);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("  ", false)]
    [InlineData("no", true)]
    public void Declining_needs_a_reason(string reason, bool isTaken) => Assert.Equal(isTaken, ProposalRules.Decline(Open, Owner, reason, Noon) is null);

    [Fact]
    public void A_reason_has_its_bound()
    {
        Assert.Null(ProposalRules.RequireReason(new string('x', ProposalRules.LongestReason), 1));
        Assert.NotNull(ProposalRules.RequireReason(new string('x', ProposalRules.LongestReason + 1), 0));
        Assert.NotNull(ProposalRules.RequireReason("a\0b", 0));
    }

    [Fact]
    public void Only_who_made_it_takes_it_back()
    {
        Assert.Null(ProposalRules.Withdraw(Open, Proposer, Noon));
        Assert.Equal("NOT_OWN_DEPARTMENT", ProposalRules.Withdraw(Open, Owner, Noon)!.Reason.Code);
    }

    [Fact]
    public void Both_sides_see_it_and_operator_and_auditors_that_it_is_there()
    {
        Assert.True(ProposalRules.IsSide(Open, Owner) && ProposalRules.IsSide(Open, Proposer));
        Assert.False(ProposalRules.IsSide(Open, By("other")) || ProposalRules.MaySee(Open, By("other")) || ProposalRules.IsSide(Open, Owner with { Role = Role.Operator }));
        Assert.True(ProposalRules.MaySee(Open, By("other") with { Role = Role.Auditor }) && ProposalRules.MaySee(Open, By("other") with { Role = Role.Operator }));
    }

    [Fact]
    public void A_push_makes_one_proposal_for_each_owner_that_cannot_part_later()
    {
        var proposed = City.Resource.Fields.Index().Select(field => new ProposedValue(field.Index, default)).ToImmutableArray();

        var parts = ProposalParts.Of(City.Resource, new DepartmentId("hotline"), proposed);

        Assert.Equal(proposed.Length, parts.Sum(part => part.Length));
        Assert.All(parts, part => Assert.Single(part.Select(value => City.Resource.Fields[value.FieldIndex].Owner is OwnerRule.DepartmentField named
            ? "@" + named.FieldName
            : (City.Resource.Fields[value.FieldIndex].Owner as OwnerRule.Department)?.Id.Value ?? "hotline").Distinct()));
        Assert.True(parts.Length > 1);
    }

    private static Refusal? Accept(Proposal proposal, Caller caller, ImmutableArray<int> fields, int[]? changed = null, long named = 0) =>
        ProposalRules.Accept(proposal, caller, fields, changed ?? [], named, current: 5, Noon);

    private static Caller By(string department) => new(new DepartmentId(department), new ClientId(department + "-system"), Role.DepartmentSystem);
}
