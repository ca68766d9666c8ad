using Exchange.Catalog.Access;
using Exchange.Catalog.Governance;
using Exchange.Catalog.Policies;
using Exchange.Policy.Language;
using Exchange.Policy.Masks;
using static Exchange.Catalog.Tests.City;

namespace Exchange.Catalog.Tests.Policies.Explaining;

public sealed class ReadChangeTests
{
    [Fact]
    public void Reads_of_a_field_that_would_be_forbidden_lose_it_and_reads_of_others_are_answered_alike()
    {
        var changed = Assert.Single(Compare(Row(RuleEffect.Deny, "title"), Read("title", "district"), Read("district"), Read("title") with { Department = Hotline }));

        Assert.Equal((Roads, "title"), (changed.Group.Department, Assert.Single(changed.Lost)));
        Assert.Equal((0, 0, 0, false), (changed.Gained.Length, changed.Masked.Length, changed.OtherRows.Length, changed.WouldBeRefused));
    }

    [Fact]
    public void A_row_that_hides_some_records_or_puts_a_mask_on_tells_so()
    {
        var inTheEast = Assert.Single(Compare(Row(RuleEffect.Deny, "title") with { RowFilter = "district = \"east\"" }, Read("title")));
        var masked = Assert.Single(Compare(Permit("content") with { Mask = new Mask(MaskKind.Redact) }, Row(RuleEffect.Allow, "content"), Read("content")));

        Assert.Equal(["title"], inTheEast.OtherRows);
        Assert.Equal((0, 0), (inTheEast.Lost.Length, inTheEast.Masked.Length));
        Assert.Equal(["content"], masked.Masked);
        Assert.Equal((0, 0), (masked.Lost.Length, masked.OtherRows.Length));
    }

    [Fact]
    public void Whoever_read_all_that_it_may_would_have_got_what_is_permitted_then_and_whoever_named_fields_would_not()
    {
        var forbidden = State.Apply(new GovernanceEvent.PolicyRowSet(Row(RuleEffect.Deny, "title")), State.Position + 1);
        var all = AccessPlanCompiler.Compile(forbidden, Reader, Complaint, PlanAction.Pull, Purpose.Analysis, 1, Noon).Value
            .Fields.Where(field => !field.IsDenied).Select(field => field.Field.Name).ToArray();

        var changed = Assert.Single(CompareWithout(Row(RuleEffect.Deny, "title"), Read(all), Read("district")));

        Assert.Equal(["title"], changed.Gained);
        Assert.Equal(all, changed.Group.Fields);
    }

    [Fact]
    public void A_refused_read_is_told_when_nothing_of_it_would_be_refused_any_more()
    {
        var refused = Read("title", "district") with { IsRefused = true };

        var answered = Assert.Single(CompareWithout(Row(RuleEffect.Deny, "title"), refused));

        Assert.Equal(["title"], answered.Gained);
        Assert.Empty(CompareWithout(Row(RuleEffect.Deny, "title"), Read("title", "leader_note") with { IsRefused = true }));
        Assert.Empty(Compare(Permit("content"), Read("title") with { IsRefused = true }));
    }

    [Fact]
    public void Reads_of_whom_everything_would_be_forbidden_would_be_refused()
    {
        var changed = Assert.Single(Compare(Row(RuleEffect.Deny, "title") with { Object = "resources/complaint" }, Read("title")));

        Assert.True(changed.WouldBeRefused);
        Assert.True(changed.RecordsChange);
    }

    [Fact]
    public void An_owners_view_tells_of_its_fields_only()
    {
        var changed = Assert.Single(Compare(Row(RuleEffect.Deny, "title") with { Object = "resources/complaint" }, Read("visits") with { IsOwnerView = true }));

        Assert.Equal(["visits"], changed.Lost);
        Assert.False(changed.RecordsChange);
    }

    [Fact]
    public void Equal_reads_are_one_group_with_their_times_and_groups_are_bounded()
    {
        var groups = new ReadGroups();
        Assert.True(groups.Add(Read("title"), Noon));
        Assert.True(groups.Add(Read("title"), Noon.AddHours(-2)));
        Assert.True(groups.Add(Read("title") with { Purpose = Purpose.Emergency }, Noon));

        Assert.Equal([(2, Noon.AddHours(-2), Noon), (1, Noon, Noon)], groups.Groups.Select(group => (group.Count, group.FirstTime, group.LastTime)));
        for (var number = groups.Groups.Count; number < ReadGroups.MostGroups; number++)
        {
            Assert.True(groups.Add(Read($"field-{number}"), Noon));
        }

        Assert.False(groups.Add(Read("one-too-many"), Noon));
        Assert.True(groups.Add(Read("title"), Noon));
    }

    private static Caller Reader => new(Roads, new ClientId("roads"), Role.DepartmentSystem);

    private static ReadGroup Read(params string[] fields) =>
        new() { Department = Roads, Resource = Complaint, Action = PlanAction.Pull, Purpose = Purpose.Analysis, Fields = [.. fields] };

    private static ReadChange[] Compare(PolicyRow row, params ReadGroup[] reads) => [.. Prepare(State, row).CompareReads(reads, CancellationToken.None)];

    // What the first row answers stands today; the second is tried out beside it.
    private static ReadChange[] Compare(PolicyRow tried, PolicyRow standing, params ReadGroup[] reads)
    {
        var state = State.Apply(new GovernanceEvent.PolicyRowSet(standing with { Id = new("tried-out") }), State.Position + 1);
        return [.. Prepare(state, tried with { Id = new("tried-out") }).CompareReads(reads, CancellationToken.None)];
    }

    // The row stands today; it is tried out to remove it.
    private static ReadChange[] CompareWithout(PolicyRow standing, params ReadGroup[] reads)
    {
        var state = State.Apply(new GovernanceEvent.PolicyRowSet(standing), State.Position + 1);
        return [.. PolicySimulation.Prepare(state, new ProposedChange { RemovedRows = [standing.Id] }, new SimulationScope(), Noon).Value.CompareReads(reads, CancellationToken.None)];
    }

    private static PolicySimulation Prepare(GovernanceState state, PolicyRow row) =>
        PolicySimulation.Prepare(state, new ProposedChange { SetRows = [row] }, new SimulationScope(), Noon).Value;

    private static PolicyRow Permit(string field) => Row(RuleEffect.Allow, field);

    private static PolicyRow Row(RuleEffect effect, string field) => new()
    {
        Id = new("tried-out"),
        Subject = "departments/road-office",
        Object = $"resources/complaint/fields/{field}",
        Actions = [PolicyAction.Read, PolicyAction.Follow],
        Effect = effect,
        Reason = "for the test",
    };
}
