using Exchange.Catalog.Governance;

namespace Exchange.Catalog.Tests.Catalog;

public class CatalogDraftRulesTests
{
    private static readonly ClientId Author = new("users/wang-li");
    private static readonly ClientId Reviewer = new("users/chen-yu");

    private static ResourceDraft Permits { get; } = City.Draft with { Id = new("permit"), DisplayName = "Permits" };

    private static GovernanceState Saved { get; } = City.State.After(CatalogDraftRules.Save(City.State, Permits, Author, "", City.Noon));

    private static GovernanceState Submitted { get; } = Saved.After(CatalogDraftRules.Submit(Saved, Permits.Id, Author, "p1.x0", City.Noon.AddHours(1)));

    [Fact]
    public void A_draft_is_saved_submitted_and_published_by_somebody_else()
    {
        var approved = CatalogDraftRules.Approve(Submitted, Permits.Id, Reviewer, "p2.x0", City.Noon.AddHours(2));

        var state = Submitted.After(approved);
        Assert.Equal((ResourceState.Draft, "p1.x0"), (Saved.Drafts["permit"].State, Saved.Drafts["permit"].EtagIn(Saved)));
        Assert.Equal((ResourceState.PublishReview, Author, "p2.x0"), (Submitted.Drafts["permit"].State, Submitted.Drafts["permit"].Submitter!.Value, Submitted.Drafts["permit"].EtagIn(Submitted)));
        Assert.Equal((1, City.Noon.AddHours(2)), (state.Resources["permit"].Revision, state.Resources["permit"].PublishTime));
        Assert.Equal((ResourceState.Published, false), (state.Drafts["permit"].State, state.Drafts["permit"].IsOpen));
        Assert.Equal(ResourceState.Published, state.StateOf(Permits.Id));
        Assert.Null(CatalogDraftRules.Open(state, Permits.Id));
    }

    [Fact]
    public void Neither_author_nor_submitter_reviews()
    {
        var submittedByOther = Saved.After(CatalogDraftRules.Submit(Saved, Permits.Id, Reviewer, "", City.Noon));

        foreach (var eyes in new[] { Author, Reviewer })
        {
            Assert.Equal(RefusalReason.FourEyes, CatalogDraftRules.Approve(submittedByOther, Permits.Id, eyes, "p2.x0", City.Noon).Refusal?.Reason);
            Assert.Equal(RefusalReason.FourEyes, CatalogDraftRules.Reject(submittedByOther, Permits.Id, eyes, "p2.x0", "no").Refusal?.Reason);
        }

        Assert.False(CatalogDraftRules.Approve(submittedByOther, Permits.Id, new("users/third"), "p2.x0", City.Noon).IsRefused);
    }

    [Fact]
    public void What_was_changed_after_it_was_read_is_not_approved()
    {
        var changed = Submitted.After(CatalogDraftRules.Save(Submitted, Permits with { Abstract = "Something else" }, Author, "", City.Noon));
        var again = changed.After(CatalogDraftRules.Submit(changed, Permits.Id, Author, "", City.Noon));

        Assert.Equal(ResourceState.Draft, changed.Drafts["permit"].State);
        Assert.Equal(RefusalReason.WrongState, CatalogDraftRules.Approve(changed, Permits.Id, Reviewer, changed.Drafts["permit"].EtagIn(changed), City.Noon).Refusal?.Reason);
        Assert.Equal(RefusalReason.StaleEtag, CatalogDraftRules.Approve(again, Permits.Id, Reviewer, Submitted.Drafts["permit"].EtagIn(Submitted), City.Noon).Refusal?.Reason);
        Assert.Equal("etag REQUIRED", Assert.Single(CatalogDraftRules.Approve(again, Permits.Id, Reviewer, "", City.Noon).Violations()));
    }

    [Fact]
    public void A_draft_that_was_given_up_and_written_anew_is_not_taken_for_the_one_that_was_read()
    {
        var deleted = Submitted.After(CatalogDraftRules.Delete(Submitted, Permits.Id, ""));
        var anew = deleted.After(CatalogDraftRules.Save(deleted, Permits with { Abstract = "Another" }, Author, "", City.Noon));
        var submitted = anew.After(CatalogDraftRules.Submit(anew, Permits.Id, Author, "", City.Noon));

        Assert.Equal(ResourceState.Deleted, deleted.Drafts["permit"].State);
        Assert.Equal(RefusalReason.StaleEtag, CatalogDraftRules.Approve(submitted, Permits.Id, Reviewer, "p2.x0", City.Noon).Refusal?.Reason);
    }

    [Fact]
    public void A_rejected_draft_says_why_and_can_be_submitted_again()
    {
        var rejected = Submitted.After(CatalogDraftRules.Reject(Submitted, Permits.Id, Reviewer, "p2.x0", "whom does one ask?"));
        var again = rejected.After(CatalogDraftRules.Submit(rejected, Permits.Id, Author, "", City.Noon));

        Assert.Equal((ResourceState.PublishRejected, "whom does one ask?"), (rejected.Drafts["permit"].State, rejected.Drafts["permit"].RejectReason));
        Assert.Equal((ResourceState.PublishReview, ""), (again.Drafts["permit"].State, again.Drafts["permit"].RejectReason));
        Assert.Equal("reason INVALID_TEXT", Assert.Single(CatalogDraftRules.Reject(Submitted, Permits.Id, Reviewer, "p2.x0", " ").Violations()));
    }

    [Fact]
    public void Steps_that_do_not_follow_are_refused_and_name_the_state()
    {
        var approved = Submitted.After(CatalogDraftRules.Approve(Submitted, Permits.Id, Reviewer, "p2.x0", City.Noon));

        var reviewOfDraft = CatalogDraftRules.Approve(Saved, Permits.Id, Reviewer, "p1.x0", City.Noon).Refusal;
        var submitTwice = CatalogDraftRules.Submit(Submitted, Permits.Id, Author, "", City.Noon).Refusal;
        Assert.Equal((RefusalReason.WrongState, "DRAFT"), (reviewOfDraft!.Reason, reviewOfDraft.Metadata["state"]));
        Assert.Equal((RefusalReason.WrongState, "PUBLISH_REVIEW"), (submitTwice!.Reason, submitTwice.Metadata["state"]));
        Assert.Equal(RefusalReason.DraftNotFound, CatalogDraftRules.Submit(approved, Permits.Id, Author, "", City.Noon).Refusal?.Reason);
        Assert.Equal(RefusalReason.DraftNotFound, CatalogDraftRules.Delete(approved, Permits.Id, "").Refusal?.Reason);
        Assert.Equal(RefusalReason.DraftNotFound, CatalogDraftRules.Approve(approved, Permits.Id, Reviewer, "p3.r1", City.Noon).Refusal?.Reason);
    }

    [Fact]
    public void An_unfinished_draft_is_kept_with_what_speaks_against_it_and_not_submitted()
    {
        var unfinished = Permits with { Abstract = "", Fields = [] };

        var state = City.State.After(CatalogDraftRules.Save(City.State, unfinished, Author, "", City.Noon));

        string[] missing = ["resource.abstract INVALID_TEXT", "resource.fields COUNT"];
        Assert.Equal(missing, CatalogDraftRules.Preview(state, state.Drafts["permit"], City.Noon).Violations.Select(violation => $"{violation.Field} {violation.Reason}"));
        Assert.Equal(missing, CatalogDraftRules.Submit(state, Permits.Id, Author, "", City.Noon).Violations());
        Assert.Equal(
            ["resource.name INVALID_ID", "resource.department DEPARTMENT_NOT_FOUND"],
            CatalogDraftRules.Save(City.State, unfinished with { Id = new("No"), Department = new("nobody") }, Author, "", City.Noon).Violations());
    }

    [Fact]
    public void The_same_draft_again_changes_nothing_and_one_that_changes_nothing_is_not_submitted()
    {
        var same = City.State.After(CatalogDraftRules.Save(City.State, City.Draft, Author, "", City.Noon));

        Assert.Empty(CatalogDraftRules.Save(Saved, Permits with { Fields = [.. Permits.Fields] }, Author, "", City.Noon).Value.Events);
        Assert.Equal(RefusalReason.WrongState, CatalogDraftRules.Submit(same, City.Complaint, Author, "", City.Noon).Refusal?.Reason);
    }

    [Fact]
    public void A_breaking_draft_is_told_so_and_what_breaks_after_its_review_began_is_not_published()
    {
        var breaking = City.Draft with { Fields = [.. City.ComplaintFields.Skip(1)] };
        var state = City.State.After(CatalogDraftRules.Save(City.State, breaking, Author, "", City.Noon));

        var told = Assert.Single(CatalogDraftRules.Preview(state, state.Drafts[City.Complaint.Value], City.Noon).Violations);
        Assert.Equal(("resource.title", "FIELD_REMOVED"), (told.Field, told.Reason));
        Assert.Equal(RefusalReason.BreakingChange, CatalogDraftRules.Submit(state, City.Complaint, Author, "", City.Noon).Refusal?.Reason);

        var widened = Submitted.After(ResourceRules.Publish(Submitted, Permits with { Fields = [.. City.ComplaintFields, City.Field("more", 16, Policy.Conditions.FieldType.Text)] }, City.Noon));
        Assert.Equal(RefusalReason.StaleEtag, CatalogDraftRules.Approve(widened, Permits.Id, Reviewer, "p2.x0", City.Noon).Refusal?.Reason);
        Assert.Equal(RefusalReason.BreakingChange, CatalogDraftRules.Approve(widened, Permits.Id, Reviewer, "p2.r1", City.Noon).Refusal?.Reason);
    }

    [Fact]
    public void A_revocation_makes_what_was_read_of_a_draft_stale()
    {
        var drafted = City.State.After(CatalogDraftRules.Save(City.State, City.Draft with { Abstract = "Said better" }, Author, "", City.Noon));
        var submitted = drafted.After(CatalogDraftRules.Submit(drafted, City.Complaint, Author, "p1.r1", City.Noon));
        var revoked = submitted.Apply(new GovernanceEvent.ResourceRevoked(City.Complaint, City.Noon), submitted.Position + 1);

        Assert.Equal(RefusalReason.StaleEtag, CatalogDraftRules.Approve(revoked, City.Complaint, Reviewer, "p2.r1", City.Noon).Refusal?.Reason);
        Assert.False(CatalogDraftRules.Approve(revoked, City.Complaint, Reviewer, "p2.x1", City.Noon).IsRefused);
        Assert.Equal(RefusalReason.WrongState, ResourceRules.PublishDirectly(revoked, City.Draft, City.Noon).Refusal?.Reason);
    }

    [Fact]
    public void An_ended_draft_keeps_no_content_and_open_ones_have_a_bound()
    {
        var deleted = Saved.After(CatalogDraftRules.Delete(Saved, Permits.Id, ""));
        var state = City.State;
        for (var number = 0; number < CatalogDraftRules.MostDrafts; number++)
        {
            state = state.Apply(new GovernanceEvent.ResourceDraftSaved(Permits with { Id = new($"d{number}") }, Author, City.Noon), state.Position + 1);
        }

        Assert.Empty(deleted.Drafts["permit"].Content.Fields);
        Assert.Equal("", deleted.Drafts["permit"].Content.Abstract);
        Assert.Equal(RefusalReason.DraftLimit, CatalogDraftRules.Save(state, Permits, Author, "", City.Noon).Refusal?.Reason);
        Assert.False(CatalogDraftRules.Save(state, Permits with { Id = new("d7"), Abstract = "Other" }, Author, "", City.Noon).IsRefused);
        Assert.False(CatalogDraftRules.Save(state, Permits with { Department = City.Roads }, Author, "", City.Noon).IsRefused);
    }

    [Fact]
    public void Lists_that_are_too_long_are_refused_before_anything_in_them_is_looked_at()
    {
        var endless = Permits with
        {
            Fields = [.. Enumerable.Repeat(City.ComplaintFields[0] with { Owner = new OwnerRule.DepartmentField("title") }, 300_000)],
            Description = new() { RelatedCodes = [.. Enumerable.Repeat(new ResourceCode("x"), 100_000)], PlatformModes = [.. Enumerable.Repeat(PlatformMode.Api, 100_000)] },
        };

        string[] tooMany = ["resource.fields TOO_MANY", "resource.related_codes TOO_MANY", "resource.platform_modes TOO_MANY"];
        Assert.Equal(tooMany, CatalogDraftRules.Save(City.State, endless, Author, "", City.Noon).Violations());
        Assert.Equal(tooMany, ResourceRules.Publish(City.State, endless, City.Noon).Violations());
    }
}
