using Exchange.Catalog.Governance;
using static Exchange.Catalog.Tests.Access.Requests.RequestCity;

namespace Exchange.Catalog.Tests.Access.Requests;

public class AccessRequestRulesTests
{
    [Fact]
    public void Of_a_mix_only_what_needs_a_request_is_asked_for()
    {
        var request = Request("title", "content", "visits", "cost") with { Owners = [City.Hotline, City.Roads] };

        var needs = RequestNeeds.Of(City.State, request, City.Noon);

        Assert.Empty(needs.Violations);
        Assert.Equal([$"{City.Hotline}: content cost"], needs.Parts.Select(part => $"{part.Owner}: {string.Join(' ', part.Fields)}"));
        Assert.Equal(
            [
                $"title {City.Hotline} UNCONDITIONAL", $"title {City.Roads} OWN", $"content {City.Roads} OWN", $"visits {City.Revisit} UNCONDITIONAL", $"cost {City.Roads} OWN",
            ],
            needs.Unneeded.Select(field => $"{field.Field} {field.Owner} {field.Reason}"));
    }

    [Fact]
    public void Every_bad_part_is_told_when_it_is_submitted_and_a_draft_may_have_them()
    {
        var request = Request("content", "content", "nothing", "leader_note") with
        {
            Owners = [new("nobody")], Basis = default, Purpose = default, Scene = " ", Mode = default, RowFilter = "content = \"x\"", ExpireTime = City.Noon, Quota = new(-1, 0),
        };
        var state = City.State.After(AccessRequestRules.Save(City.State, request, Desk, "", City.Noon));

        Assert.Equal(
            [
                "request.basis REQUIRED", "request.purpose REQUIRED", "request.scene INVALID_TEXT", "request.mode REQUIRED", "request.expire_time OUT_OF_RANGE",
                "request.quota.records_per_day OUT_OF_RANGE", "request.owners[0] DEPARTMENT_NOT_FOUND", "request.row_filter UNKNOWN_FIELD", "request.fields[1] DUPLICATE",
                "request.fields[2] UNKNOWN_FIELD", "request.fields[3] NOT_SHARED",
            ],
            AccessRequestRules.Submit(state, Id, "", City.Noon).Violations());
    }

    [Fact]
    public void What_is_not_shared_is_refused_with_its_basis_and_what_is_shared_with_all_needs_no_request()
    {
        var withheld = Assert.Single(RequestNeeds.Of(City.State, Request("content", "leader_note"), City.Noon).Violations);
        var free = Assert.Single(RequestNeeds.Of(City.State, Request("title"), City.Noon).Violations);
        var nobody = Assert.Single(RequestNeeds.Of(City.State, Request("content") with { Owners = [] }, City.Noon).Violations);

        Assert.Contains("Invented Act, section 1", withheld.Message, StringComparison.Ordinal);
        Assert.Equal(("request.fields", "NOTHING_NEEDED"), (free.Field, free.Reason));
        Assert.Equal(("request.owners", "REQUIRED"), (nobody.Field, nobody.Reason));
    }

    [Fact]
    public void Where_the_hub_has_a_sharing_authority_it_checks_first()
    {
        var state = City.State.After(HubSettingsRules.Update(City.State, new() { SharingAuthority = City.Forum }, ""));
        state = Submitted(Request("content"), state);
        var self = AccessReviewRules.Check(state, Id, City.Roads, true, "", state.Etag(), City.Noon);
        var early = state.Approve(City.Hotline);
        var passed = state.After(AccessReviewRules.Check(state, Id, City.Forum, true, "", state.Etag(), City.Noon));
        var returned = state.After(AccessReviewRules.Check(state, Id, City.Forum, false, "no basis", state.Etag(), City.Noon));

        Assert.Equal(AccessRequestState.ConformityCheck, state.It().StateIn(state, City.Noon));
        Assert.Equal(new DateTimeOffset(2026, 3, 4, 16, 0, 0, TimeSpan.Zero), state.It().Clock?.Due); // two working days, to the end of Wednesday in China
        Assert.Equal(RefusalReason.FourEyes, self.Refusal?.Reason);
        Assert.Equal("CONFORMITY_CHECK", early.Refusal?.Metadata["state"]);
        Assert.Equal($"OwnerReview {City.Hotline}=OwnerReview", passed.StateAt(City.Noon));
        Assert.Equal((AccessRequestState.Rejected, "no basis"), (returned.It().StateIn(returned, City.Noon), returned.It().RejectReason));
    }

    [Fact]
    public void A_request_that_waits_for_an_authority_the_hub_gave_up_goes_to_its_owners()
    {
        var state = City.State.After(HubSettingsRules.Update(City.State, new() { SharingAuthority = City.Forum }, ""));
        state = Submitted(Request("content"), state);
        state = state.After(HubSettingsRules.Update(state, HubSettings.Default, ""));

        Assert.Equal((Id, (GrantId?)null), Assert.Single(Deadlines.Due(state, City.Noon)));
        state = state.After(Deadlines.Tell(state, Id, City.Noon));

        Assert.Equal($"OwnerReview {City.Hotline}=OwnerReview", state.StateAt(City.Noon));
        Assert.Empty(Deadlines.Due(state, City.Noon));
    }

    [Fact]
    public void Two_of_three_fields_are_approved_with_a_reason_and_read_once_the_requester_accepted()
    {
        var state = Submitted(Request("content", "place", "appellant_phone"));
        var terms = new ApprovalTerms { Agreement = new(City.Hotline, "reading"), Fields = ["content", "place"], RowFilter = "district = \"east\"" };

        Assert.Equal(["reason INVALID_TEXT"], state.Approve(City.Hotline, terms).Violations());
        state = state.After(state.Approve(City.Hotline, terms, "a phone number is not needed for lamps"));
        var offered = state.Grants[Given.Value];
        var approved = state.StateAt(City.Noon);
        state = state.After(GrantSteps.Accept(state, City.Hotline, Given, 1, Desk, City.Noon));

        Assert.Equal(
            (City.Roads, City.Hotline, "content place", "district = \"east\"", (AgreementId?)new AgreementId(City.Hotline, "reading"), 1, (AccessRequestId?)Id),
            (offered.Reader, offered.Owner, string.Join(' ', offered.Fields), offered.RowFilter, offered.Agreement, offered.AgreementVersion, offered.Request));
        Assert.False(offered.IsActive(City.Noon));
        Assert.Equal($"Approved {City.Hotline}=Approved", approved);
        Assert.Equal($"Active {City.Hotline}=Active", state.StateAt(City.Noon));
        Assert.Equal($"Expired {City.Hotline}=Expired", state.StateAt(City.Noon.AddYears(1)));
    }

    [Fact]
    public void Each_of_several_owners_decides_its_part()
    {
        var state = Submitted(Request("content", "place") with { Owners = [City.Hotline, City.Forum] });
        state = state.After(AccessReviewRules.Reject(state, Id, City.Forum, Desk, "not for lamps", state.Etag(), City.Noon));
        var half = state.StateAt(City.Noon);
        state = state.After(state.Approve(City.Hotline));

        Assert.Equal($"OwnerReview {City.Hotline}=OwnerReview {City.Forum}=Rejected", half);
        Assert.Equal($"Approved {City.Hotline}=Approved {City.Forum}=Rejected", state.StateAt(City.Noon));
        Assert.Equal("REJECTED", AccessReviewRules.Reject(state, Id, City.Forum, Desk, "again", state.Etag(), City.Noon).Refusal?.Metadata["state"]);
    }

    [Fact]
    public void A_question_stops_the_owner_s_limit_until_the_answer()
    {
        var state = Submitted(Request("content"));
        state = state.After(AccessReviewRules.Ask(state, Id, City.Hotline, "which lamps?", state.Etag(), City.Noon));
        var asked = state;
        state = state.After(AccessRequestRules.Supplement(state, Id, City.Hotline, "those of\nthe east", state.Etag(), City.Noon.AddDays(9)));

        Assert.Equal($"SupplementNeeded {City.Hotline}=SupplementNeeded", asked.StateAt(City.Noon));
        Assert.Equal(City.Roads, Assert.Single(asked.It().Waiting(asked, City.Noon)).Who);
        Assert.Equal($"OwnerReview {City.Hotline}=OwnerReview", state.StateAt(City.Noon));
        Assert.Equal(state.Settings.Calendar.DueAfter(City.Noon.AddDays(9), 10), Assert.Single(state.It().Waiting(state, City.Noon)).Clock.Due);
        Assert.Equal("OWNER_REVIEW", AccessRequestRules.Supplement(state, Id, City.Hotline, "more", state.Etag(), City.Noon).Refusal?.Metadata["state"]);
        Assert.False(AccessReviewRules.Reject(asked, Id, City.Hotline, Desk, "no answer came", asked.Etag(), City.Noon).IsRefused);
    }

    [Fact]
    public void A_part_is_handed_over_to_a_department_that_may_own_its_fields()
    {
        var state = Submitted(Request("content"));
        Result<GovernanceDecision<AccessRequest>> HandOver(DepartmentId to) => AccessReviewRules.HandOver(state, Id, City.Hotline, to, Desk, "theirs", state.Etag(), City.Noon);
        var handed = state.After(HandOver(City.Forum));

        Assert.Equal(["to DEPARTMENT_NOT_FOUND"], HandOver(new("nobody")).Violations());
        Assert.Equal(["to OWN_DEPARTMENT"], HandOver(City.Roads).Violations());
        Assert.Equal(["to HAS_A_PART"], HandOver(City.Hotline).Violations());
        Assert.Equal($"OwnerReview {City.Hotline}=HandedOver {City.Forum}=OwnerReview", handed.StateAt(City.Noon));
    }

    [Fact]
    public void What_is_not_decided_is_taken_back_and_what_is_decided_stays()
    {
        var both = Submitted(Request("content") with { Owners = [City.Hotline, City.Forum] });
        var half = both.After(both.Approve(City.Hotline));
        half = half.After(AccessRequestRules.Withdraw(half, Id, "", City.Noon));
        var draft = City.State.After(AccessRequestRules.Save(City.State, Request("content"), Desk, "", City.Noon));
        draft = draft.After(AccessRequestRules.Withdraw(draft, Id, "", City.Noon));

        Assert.Equal($"Approved {City.Hotline}=Approved {City.Forum}=Withdrawn", half.StateAt(City.Noon));
        Assert.Equal("APPROVED", AccessRequestRules.Withdraw(half, Id, "", City.Noon).Refusal?.Metadata["state"]);
        Assert.Equal("Withdrawn", draft.StateAt(City.Noon));
        Assert.Equal("WITHDRAWN", AccessRequestRules.Submit(draft, Id, "", City.Noon).Refusal?.Metadata["state"]);
    }

    [Fact]
    public void Nothing_is_decided_on_what_was_not_read()
    {
        var state = Submitted(Request("content"));

        Assert.Equal(["etag REQUIRED"], AccessReviewRules.Reject(state, Id, City.Hotline, Desk, "no", "", City.Noon).Violations());
        Assert.Equal(RefusalReason.StaleEtag, AccessReviewRules.Reject(state, Id, City.Hotline, Desk, "no", "q1", City.Noon).Refusal?.Reason);
    }

    [Fact]
    public void The_same_again_changes_nothing()
    {
        var state = Submitted(Request("content"));

        Assert.Null(AccessRequestRules.Save(state, Request("content"), Desk, "", City.Noon).Value.Event);
        Assert.Equal(RefusalReason.WrongState, AccessRequestRules.Save(state, Request("place"), Desk, "", City.Noon).Refusal?.Reason);
        Assert.Equal(RefusalReason.AccessRequestTaken, AccessRequestRules.Save(state, Request("content") with { Requester = City.Forum }, Desk, "", City.Noon).Refusal?.Reason);
    }

    [Fact]
    public void Limits_that_come_near_and_pass_are_told_once_each()
    {
        var state = Submitted(Request("content"));
        var due = state.It().Parts[0].Clock!.Value.Due;
        List<string> told = [];
        foreach (var now in (DateTimeOffset[])[due.AddDays(-5), due.AddDays(-2), due.AddDays(-1), due, due.AddDays(30)])
        {
            var decision = Deadlines.Tell(state, Id, now);
            told.Add(string.Join(' ', decision.Value.Events.Cast<GovernanceEvent.AccessRequestMoved>().Select(moved => moved.Step)));
            state = state.After(decision);
        }

        Assert.Equal(["", "Due", "", "Overdue", ""], told);
    }

    [Fact]
    public void A_term_that_has_passed_is_not_approved()
    {
        var state = Submitted(Request("content"));

        Assert.Equal(["request.expire_time OUT_OF_RANGE"], state.Approve(City.Hotline, now: City.Noon.AddYears(2)).Violations());
        Assert.Equal(
            ["terms.expire_time OUT_OF_RANGE"],
            state.Approve(City.Hotline, new() { Agreement = new(City.Hotline, "reading"), ExpireTime = City.Noon.AddYears(2) }).Violations());
        Assert.Equal(["terms.agreement REQUIRED"], state.Approve(City.Hotline, new()).Violations());
        Assert.Equal(["terms.fields[0] NOT_ASKED_FOR"], state.Approve(City.Hotline, new() { Agreement = new(City.Hotline, "reading"), Fields = ["place"] }).Violations());
    }
}
