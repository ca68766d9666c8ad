using Exchange.Catalog.Governance;

namespace Exchange.Catalog.Tests.Catalog;

public class ResourceRevocationRulesTests
{
    private static readonly ClientId Asker = new("users/wang-li");
    private static readonly ClientId Reviewer = new("users/chen-yu");

    private static GovernanceState Asked { get; } = City.State.After(ResourceRevocationRules.Request(City.State, City.Complaint, Asker, "its duty moved"));

    [Fact]
    public void A_resource_is_revoked_by_somebody_else_and_nobody_finds_it_any_more()
    {
        var state = Asked.After(ResourceRevocationRules.Approve(Asked, City.Complaint, Reviewer));

        Assert.Equal((ResourceState.Published, ResourceState.RevokeReview, ResourceState.Revoked), (City.State.StateOf(City.Complaint), Asked.StateOf(City.Complaint), state.StateOf(City.Complaint)));
        Assert.Equal(RefusalReason.FourEyes, ResourceRevocationRules.Approve(Asked, City.Complaint, Asker).Refusal?.Reason);
        Assert.Equal(RefusalReason.FourEyes, ResourceRevocationRules.Reject(Asked, City.Complaint, Asker, "no").Refusal?.Reason);
        Assert.True(Asked.Resources.ContainsKey(City.Complaint.Value));
        Assert.Equal(RefusalReason.ResourceRevoked, ResourceLookup.Published(state, City.Complaint).Refusal?.Reason);
        Assert.Equal(1, state.LastResource(City.Complaint)?.Revision);
    }

    [Fact]
    public void A_rejected_revocation_leaves_it_published_and_may_be_asked_again()
    {
        var rejected = Asked.After(ResourceRevocationRules.Reject(Asked, City.Complaint, Reviewer, "it did not"));
        var again = rejected.After(ResourceRevocationRules.Request(rejected, City.Complaint, Reviewer, "it did"));

        Assert.Equal((ResourceState.RevokeRejected, ResourceState.RevokeReview), (rejected.StateOf(City.Complaint), again.StateOf(City.Complaint)));
        Assert.False(ResourceLookup.Published(rejected, City.Complaint).IsRefused);
    }

    [Fact]
    public void Steps_that_do_not_follow_are_refused_and_name_the_state()
    {
        var revoked = Asked.After(ResourceRevocationRules.Approve(Asked, City.Complaint, Reviewer));

        var early = ResourceRevocationRules.Approve(City.State, City.Complaint, Reviewer).Refusal;
        var twice = ResourceRevocationRules.Request(Asked, City.Complaint, Asker, "again").Refusal;
        var late = ResourceRevocationRules.Request(revoked, City.Complaint, Asker, "again").Refusal;
        Assert.Equal((RefusalReason.WrongState, "PUBLISHED"), (early!.Reason, early.Metadata["state"]));
        Assert.Equal((RefusalReason.WrongState, "REVOKE_REVIEW"), (twice!.Reason, twice.Metadata["state"]));
        Assert.Equal((RefusalReason.WrongState, "REVOKED"), (late!.Reason, late.Metadata["state"]));
        Assert.Equal(RefusalReason.ResourceNotFound, ResourceRevocationRules.Request(City.State, new("nothing"), Asker, "why").Refusal?.Reason);
        Assert.Equal("reason INVALID_TEXT", Assert.Single(ResourceRevocationRules.Request(City.State, City.Complaint, Asker, "").Violations()));
    }

    [Fact]
    public void What_was_revoked_is_published_again_as_its_next_revision_and_breaks_nothing_of_the_last()
    {
        var revoked = Asked.After(ResourceRevocationRules.Approve(Asked, City.Complaint, Reviewer));

        var again = ResourceRules.Publish(revoked, City.Draft, City.Noon.AddDays(1));
        var breaking = ResourceRules.Publish(revoked, City.Draft with { Fields = [.. City.ComplaintFields.Skip(1)] }, City.Noon);

        Assert.Equal(2, again.Value.Value.Revision);
        Assert.Equal(ResourceState.Published, revoked.After(again).StateOf(City.Complaint));
        Assert.Equal(RefusalReason.BreakingChange, breaking.Refusal?.Reason);
    }
}
