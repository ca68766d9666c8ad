using System.Collections.Immutable;
using Exchange.Catalog;
using Exchange.Catalog.Access;
using Exchange.Catalog.Governance;
using Exchange.Policy.Masks;
using Exchange.Server.Access;
using Exchange.Server.Tests.Records;

namespace Exchange.Server.Tests.Access;

public sealed class PlanDigestTests
{
    private static readonly ImmutableArray<int> TitleAndPhone = [0, 2];

    [Fact]
    public void It_stays_when_governance_moves_on_without_changing_what_the_fields_show()
    {
        var granted = City.State.With(Issued("one", "phone"));
        var moved = granted.With(Issued("other", "result"), Issued("elsewhere", "grid_note"));

        Assert.Equal(DigestOf(granted), DigestOf(moved));
        Assert.Equal(PlanDigest.SizeBytes, DigestOf(granted).Length);
        Assert.Equal(DigestOf(granted), PlanDigest.Of(PlanOf(granted), [2, 0]));
    }

    [Fact]
    public void It_stays_when_another_grant_gives_the_same()
    {
        var first = City.State.With(Issued("one", "phone"));
        var both = first.With(Issued("two", "phone"));
        var second = both.With(new GovernanceEvent.GrantRevoked(new GrantId("one"), "a test", DateTimeOffset.UtcNow));

        Assert.Equal(DigestOf(first), DigestOf(both));
        Assert.Equal(DigestOf(first), DigestOf(second));
    }

    [Fact]
    public void It_changes_with_a_right_a_mask_a_row_and_the_fields()
    {
        var granted = City.State.With(Issued("one", "phone"));
        var filtered = City.State.With(new GovernanceEvent.GrantIssued(City.GrantTo(City.Archive, City.Centre, "one", "phone") with { RowFilter = "calls > 3" }));
        var masked = granted.With(new GovernanceEvent.SharingListChanged(new SharingList
        {
            Department = City.Centre.Department,
            Resource = City.Complaint,
            Revision = 1,
            Entries =
            [
                new()
                {
                    FieldNumber = 3, Level = Level.HighlySensitive, SharingClass = SharingClass.Conditional, OpenClass = OpenClass.NotOpen, Mask = new Mask(MaskKind.ShowLastN, 2),
                },
            ],
        }));

        byte[][] digests = [DigestOf(City.State), DigestOf(granted), DigestOf(filtered), DigestOf(masked), PlanDigest.Of(PlanOf(granted), [0])];

        Assert.Equal(digests.Length, digests.Select(Convert.ToHexString).Distinct().Count());
    }

    private static GovernanceEvent.GrantIssued Issued(string id, string field) =>
        new(City.GrantTo(City.Archive, field is "grid_note" ? City.Grid : City.Centre, id, field));

    private static byte[] DigestOf(GovernanceState state) => PlanDigest.Of(PlanOf(state), TitleAndPhone);

    private static AccessPlan PlanOf(GovernanceState state)
    {
        var plan = AccessPlanCompiler.Compile(state, City.Archive, City.Complaint, PlanAction.Pull, Purpose.Regulation, state.Position, DateTimeOffset.UtcNow);
        Assert.False(plan.IsRefused);
        return plan.Value;
    }
}
