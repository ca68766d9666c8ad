using Exchange.Catalog.Governance;

namespace Exchange.Catalog.Tests.Catalog;

public class ResourceRevocationRulesTests
{
    private static readonly ClientId Asker = new("users/wang-li");
    private static readonly ClientId Reviewer = new("users/chen-yu");

    private static GovernanceState Asked { get; } = City.State.After(ResourceRevocationRules.Request(City.State, City.Complaint, Asker, "its duty moved", City.Noon));

    private static string Etag => Asked.Revocations[City.Complaint.Value].Etag;

    [Fact]
    public void A_resource_is_revoked_by_somebody_else_and_nobody_finds_it_any_more()
    {
        var state = Asked.After(ResourceRevocationRules.Approve(Asked, City.Complaint, Reviewer, Etag, City.Noon.AddHours(1)));

        Assert.Equal((ResourceState.Published, ResourceState.RevokeReview, ResourceState.Revoked), (City.State.StateOf(City.Complaint), Asked.StateOf(City.Complaint), state.StateOf(City.Complaint)));
        Assert.Equal(RefusalReason.FourEyes, ResourceRevocationRules.Approve(Asked, City.Complaint, Asker, Etag, City.Noon).Refusal?.Reason);
        Assert.False(ResourceRevocationRules.Reject(Asked, City.Complaint, Etag, "not any more").IsRefused);
        Assert.True(Asked.Resources.ContainsKey(City.Complaint.Value));
        Assert.Equal(RefusalReason.ResourceRevoked, ResourceLookup.Published(state, City.Complaint).Refusal?.Reason);
        Assert.Equal(1, state.LastResource(City.Complaint)?.Revision);
    }

    [Fact]
    public void A_rejected_revocation_leaves_it_published_and_may_be_asked_again()
    {
        var rejected = Asked.After(ResourceRevocationRules.Reject(Asked, City.Complaint, Etag, "it did not"));
        var again = rejected.After(ResourceRevocationRules.Request(rejected, City.Complaint, Reviewer, "it did", City.Noon.AddDays(1)));

        Assert.Equal((ResourceState.RevokeRejected, ResourceState.RevokeReview), (rejected.StateOf(City.Complaint), again.StateOf(City.Complaint)));
        Assert.False(ResourceLookup.Published(rejected, City.Complaint).IsRefused);
        Assert.Equal(RefusalReason.StaleEtag, ResourceRevocationRules.Approve(again, City.Complaint, Asker, Etag, City.Noon).Refusal?.Reason);
        Assert.Equal("etag REQUIRED", Assert.Single(ResourceRevocationRules.Approve(again, City.Complaint, Asker, "", City.Noon).Violations()));
    }

    [Fact]
    public void A_new_revision_makes_an_old_wish_to_revoke_go_away_and_a_revocation_ends_the_grants()
    {
        var revised = Asked.After(ResourceRules.Publish(Asked, City.Draft with { Abstract = "Said better" }, City.Noon));
        var grant = new Grant
        {
            Id = new("0b3f4a52-6c1d-4a6f-8d0e-0c7b5f1f2a01"), Owner = City.Hotline, Reader = City.Roads, Resource = City.Complaint, Fields = ["content"], Purposes = [Purpose.Analysis],
            ExpireTime = City.Noon.AddYears(1), CreateTime = City.Noon,
        };
        var granted = Asked.Apply(new GovernanceEvent.GrantIssued(grant), Asked.Position + 1);
        var revoked = granted.After(ResourceRevocationRules.Approve(granted, City.Complaint, Reviewer, Etag, City.Noon.AddHours(1)));
        var again = revoked.After(ResourceRules.Publish(revoked, City.Draft, City.Noon.AddDays(1)));

        Assert.Equal(ResourceState.Published, revised.StateOf(City.Complaint));
        Assert.Single(granted.GrantsTo(City.Roads, City.Complaint), grant => grant.IsActive(City.Noon));
        Assert.DoesNotContain(again.GrantsTo(City.Roads, City.Complaint), grant => grant.IsActive(City.Noon));
    }

    [Fact]
    public void Steps_that_do_not_follow_are_refused_and_name_the_state()
    {
        var revoked = Asked.After(ResourceRevocationRules.Approve(Asked, City.Complaint, Reviewer, Etag, City.Noon.AddHours(1)));

        var early = ResourceRevocationRules.Approve(City.State, City.Complaint, Reviewer, Etag, City.Noon).Refusal;
        var twice = ResourceRevocationRules.Request(Asked, City.Complaint, Asker, "again", City.Noon).Refusal;
        var late = ResourceRevocationRules.Request(revoked, City.Complaint, Asker, "again", City.Noon).Refusal;
        Assert.Equal((RefusalReason.WrongState, "PUBLISHED"), (early!.Reason, early.Metadata["state"]));
        Assert.Equal((RefusalReason.WrongState, "REVOKE_REVIEW"), (twice!.Reason, twice.Metadata["state"]));
        Assert.Equal((RefusalReason.WrongState, "REVOKED"), (late!.Reason, late.Metadata["state"]));
        Assert.Equal(RefusalReason.ResourceNotFound, ResourceRevocationRules.Request(City.State, new("nothing"), Asker, "why", City.Noon).Refusal?.Reason);
        Assert.Equal("reason INVALID_TEXT", Assert.Single(ResourceRevocationRules.Request(City.State, City.Complaint, Asker, "", City.Noon).Violations()));
    }

    [Fact]
    public void What_was_revoked_is_published_again_as_its_next_revision_and_breaks_nothing_of_the_last()
    {
        var revoked = Asked.After(ResourceRevocationRules.Approve(Asked, City.Complaint, Reviewer, Etag, City.Noon.AddHours(1)));

        var again = ResourceRules.Publish(revoked, City.Draft, City.Noon.AddDays(1));
        var breaking = ResourceRules.Publish(revoked, City.Draft with { Fields = [.. City.ComplaintFields.Skip(1)] }, City.Noon);

        Assert.Equal(2, again.Value.Value.Revision);
        Assert.Equal(ResourceState.Published, revoked.After(again).StateOf(City.Complaint));
        Assert.Equal(RefusalReason.BreakingChange, breaking.Refusal?.Reason);
    }
}
