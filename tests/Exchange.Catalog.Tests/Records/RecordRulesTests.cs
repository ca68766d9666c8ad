using Exchange.Catalog.Records;
using Exchange.Policy.Conditions;

namespace Exchange.Catalog.Tests.Records;

public class RecordRulesTests
{
    [Fact]
    public void The_first_push_opens_the_record_for_its_caller()
    {
        var decision = Push.By(Push.Hotline, null, [("district", Push.Text("east")), ("title", Push.Text("Leak")), ("tags", default)], version: 7);

        Assert.Equal(RecordOutcome.Accepted, decision.Outcome);
        Assert.Equal(["title", "district"], decision.Changed());
        Assert.Equal((1, City.Hotline, "hotline", "T1"), (decision.NewState!.Version, decision.NewState.Opener, decision.NewState.SourceSystem, decision.NewState.SourceId));
        Assert.Equal(7, decision.NewState.SourceVersionOf("hotline"));
        Assert.Equal(FieldValue.Text("east"), decision.NewState.Value("district"));
    }

    [Fact]
    public void Required_fields_must_be_in_the_push_that_opens_a_record()
    {
        Assert.Equal(["title REQUIRED"], Push.By(Push.Hotline, null, [("district", Push.Text("east"))]).Reasons());
        Assert.Equal(["title REQUIRED"], Push.By(Push.Hotline, null, [("title", Push.Text(""))]).Reasons());
        Assert.Equal(["title REQUIRED"], Push.By(Push.Hotline, null, [("title", PushedValue.Clear)]).Reasons());
        Assert.Equal(["title WRONG_TYPE"], Push.By(Push.Hotline, null, [("title", PushedValue.Of(FieldValue.Integer(1)))]).Reasons());
    }

    [Fact]
    public void A_required_field_keeps_a_value()
    {
        Assert.Equal(["title REQUIRED"], Push.By(Push.Hotline, Push.Opened(), [("title", PushedValue.Clear)]).Reasons());
        Assert.Equal(["title REQUIRED"], Push.By(Push.Hotline, Push.Opened(), [("title", Push.Text(""))]).Reasons());
    }

    [Fact]
    public void Only_the_caller_s_own_number_opens_a_record() =>
        Assert.Equal(["RECORD_NOT_FOUND"], Push.By(Push.Hotline, null, [("title", Push.Text("Leak"))], openAs: null).Reasons());

    [Fact]
    public void A_record_under_the_caller_s_number_that_another_department_opened_is_refused()
    {
        var state = new RecordState(1, City.Forum, "hotline", "T1", new FieldValue[15], []);

        var decision = RecordRules.Decide(Push.Columns(Push.Hotline, ["title"]), state, "T1", 0, [Push.Text("Leak")]);

        Assert.Equal(["NOT_OPENER"], decision.Reasons());
    }

    [Fact]
    public void Only_what_differs_changes()
    {
        var state = Push.Opened(("district", Push.Text("east")), ("cost", default));

        var decision = Push.By(Push.Hotline, state, [("title", Push.Text("Leak")), ("district", Push.Text("west")), ("due_on", PushedValue.Clear)]);

        Assert.Equal(["district"], decision.Changed());
        Assert.Equal(2, decision.NewState!.Version);
        Assert.Equal(FieldValue.Text("east"), state.Value("district"));
    }

    [Fact]
    public void Equal_values_make_no_event_and_allocate_nothing()
    {
        var state = Push.Opened(("district", Push.Text("east")), ("tags", PushedValue.Of(FieldValue.TextList(["a", "b"]))));
        var columns = Push.Columns(Push.Hotline, ["title", "district", "tags", "due_on"]);
        PushedValue[] values = [Push.Text("Leak"), Push.Text("east"), PushedValue.Of(FieldValue.TextList(["a", "b"])), PushedValue.Clear];
        var first = RecordRules.Decide(columns, state, "T1", 0, values);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < 1_000; round++)
        {
            first = RecordRules.Decide(columns, state, "T1", 0, values);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(RecordOutcome.Unchanged, first.Outcome);
        Assert.Null(first.NewState);
    }

    [Fact]
    public void A_removal_empties_a_field()
    {
        var decision = Push.By(Push.Hotline, Push.Opened(("district", Push.Text("east"))), [("district", PushedValue.Clear)]);

        Assert.Equal(["district"], decision.Changed());
        Assert.True(decision.NewState!.Value("district").IsMissing);
    }

    [Fact]
    public void Every_bad_field_is_told_at_once_and_nothing_is_written()
    {
        var decision = Push.By(
            Push.Hotline,
            Push.Opened(),
            [
                ("title", Push.Text(new string('字', 21))), ("accepted_at", Push.Text("noon")), ("visits", PushedValue.Of(FieldValue.Integer(1))),
                ("old_ticket", Push.Text("x")), ("place", PushedValue.Of(FieldValue.Point(91, 0))), ("status", PushedValue.Of(FieldValue.Code("open"))),
                ("district", Push.Text("fine")), ("cost", PushedValue.Malformed(ValueComplaint.NotDecimal)),
            ]);

        Assert.Equal(
            [
                "title TOO_LONG", "accepted_at WRONG_TYPE", "place OUT_OF_RANGE", "status FIELD_NOT_OWNED", "cost FIELD_NOT_OWNED",
                "visits FIELD_NOT_OWNED", "old_ticket RETIRED_FIELD",
            ],
            decision.Reasons());
        Assert.Equal(RecordOutcome.Rejected, decision.Outcome);
        Assert.Null(decision.NewState);
        Assert.DoesNotContain("字", string.Concat(decision.Errors.Select(error => error.Message)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_has_one_value_for_each_field_of_the_header()
    {
        var columns = Push.Columns(Push.Hotline, ["title", "district"]);

        Assert.Equal(["VALUE_COUNT"], RecordRules.Decide(columns, null, "T1", 0, [Push.Text("Leak")]).Reasons());
        Assert.Equal(["OUT_OF_RANGE"], RecordRules.Decide(columns, null, "T1", -1, [Push.Text("Leak"), default]).Reasons());
    }

    [Fact]
    public void The_opener_s_fields_are_closed_to_everybody_else()
    {
        var decision = Push.By(Push.Forum, Push.Opened(), [("title", Push.Text("Hole"))]);

        Assert.Equal(["title FIELD_NOT_OWNED"], decision.Reasons());
    }

    [Fact]
    public void A_field_not_owned_is_refused_even_with_the_value_it_has() =>
        Assert.Equal(["title FIELD_NOT_OWNED"], Push.By(Push.Forum, Push.Opened(), [("title", Push.Text("Leak"))]).Reasons());

    [Fact]
    public void A_fixed_department_owns_its_field_whoever_opened_the_record()
    {
        var decision = Push.By(Push.Revisit, Push.Opened(), [("visits", PushedValue.Of(FieldValue.Integer(2)))]);

        Assert.Equal(["visits"], decision.Changed());
    }

    [Fact]
    public void The_named_department_owns_the_handling_fields()
    {
        var open = PushedValue.Of(FieldValue.Code("open"));
        var state = Push.Opened(("responsible_department", Push.Text("road-crew")));

        Assert.Equal(["status"], Push.By(Push.Roads, state, [("status", open)]).Changed());
        Assert.Equal(["status FIELD_NOT_OWNED"], Push.By(Push.Hotline, state, [("status", open)]).Reasons());
        Assert.Equal(["status FIELD_NOT_OWNED"], Push.By(Push.Roads, Push.Opened(), [("status", open)]).Reasons());
    }

    [Fact]
    public void Ownership_is_judged_on_the_record_before_the_push()
    {
        var open = PushedValue.Of(FieldValue.Code("open"));
        (string, PushedValue)[] takeover = [("responsible_department", Push.Text("hotline-12345")), ("status", open)];

        Assert.Equal(["status FIELD_NOT_OWNED"], Push.By(Push.Hotline, Push.Opened(), takeover).Reasons());
        Assert.Equal(["status FIELD_NOT_OWNED"], Push.By(Push.Hotline, null, [("title", Push.Text("Leak")), .. takeover]).Reasons());
        Assert.Equal(
            ["responsible_department FIELD_NOT_OWNED"],
            Push.By(Push.Roads, Push.Opened(("responsible_department", Push.Text("road-crew"))), [("responsible_department", Push.Text("petition-forum"))]).Reasons());
    }

    [Fact]
    public void Handing_over_moves_the_handling_fields_to_the_next_department()
    {
        var closed = PushedValue.Of(FieldValue.Code("closed"));
        var state = Push.Opened(("responsible_department", Push.Text("road-crew")));

        var handedOver = Push.By(Push.Hotline, state, [("responsible_department", Push.Text("petition-forum"))]).NewState;

        Assert.Equal(["status FIELD_NOT_OWNED"], Push.By(Push.Roads, handedOver, [("status", closed)]).Reasons());
        Assert.Equal(["status"], Push.By(Push.Forum, handedOver, [("status", closed)]).Changed());
    }

    [Fact]
    public void Everybody_may_make_a_record_confidential_and_only_its_owner_lifts_it()
    {
        var yes = PushedValue.Of(FieldValue.Boolean(true));
        var no = PushedValue.Of(FieldValue.Boolean(false));
        var tightened = Push.By(Push.Forum, Push.Opened(), [("confidential", yes)]);

        Assert.Equal(["confidential"], tightened.Changed());
        Assert.Equal(["confidential ONLY_TIGHTEN"], Push.By(Push.Forum, tightened.NewState, [("confidential", no)]).Reasons());
        Assert.Equal(["confidential ONLY_TIGHTEN"], Push.By(Push.Forum, tightened.NewState, [("confidential", PushedValue.Clear)]).Reasons());
        Assert.Equal(["confidential ONLY_TIGHTEN"], Push.By(Push.Forum, Push.Opened(), [("confidential", no)]).Reasons());
        Assert.Equal(["confidential"], Push.By(Push.Hotline, tightened.NewState, [("confidential", no)]).Changed());
    }

    [Fact]
    public void An_older_source_version_changes_nothing_and_says_so()
    {
        var state = Push.By(Push.Hotline, null, [("title", Push.Text("Leak"))], version: 5).NewState;

        var decision = Push.By(Push.Hotline, state, [("title", Push.Text("Old"))], version: 4);

        Assert.Equal(RecordOutcome.Unchanged, decision.Outcome);
        Assert.Equal(["STALE_SOURCE_VERSION"], decision.Reasons());
        Assert.Null(decision.NewState);
    }

    [Fact]
    public void An_equal_source_version_is_a_repetition_or_a_conflict()
    {
        var state = Push.By(Push.Hotline, null, [("title", Push.Text("Leak"))], version: 5).NewState;

        Assert.Equal(RecordOutcome.Unchanged, Push.By(Push.Hotline, state, [("title", Push.Text("Leak"))], version: 5).Outcome);
        Assert.Equal(["SOURCE_VERSION_CONFLICT"], Push.By(Push.Hotline, state, [("title", Push.Text("Other"))], version: 5).Reasons());
    }

    [Fact]
    public void A_newer_source_version_counts_even_when_the_values_are_equal()
    {
        var state = Push.By(Push.Hotline, null, [("title", Push.Text("Leak"))], version: 5).NewState;

        var newer = Push.By(Push.Hotline, state, [("title", Push.Text("Leak"))], version: 9);
        var late = Push.By(Push.Hotline, newer.NewState, [("title", Push.Text("Late"))], version: 7);

        Assert.Equal((RecordOutcome.Unchanged, 1L, 9L), (newer.Outcome, newer.NewState!.Version, newer.NewState.SourceVersionOf("hotline")));
        Assert.Equal(["STALE_SOURCE_VERSION"], late.Reasons());
    }

    [Fact]
    public void Source_versions_are_kept_by_source_system()
    {
        var state = Push.By(Push.Hotline, null, [("title", Push.Text("Leak")), ("responsible_department", Push.Text("road-crew"))], version: 5).NewState;

        var roads = Push.By(Push.Roads, state, [("status", PushedValue.Of(FieldValue.Code("open")))], version: 1);

        Assert.Equal((5L, 1L, 0L), (roads.NewState!.SourceVersionOf("hotline"), roads.NewState.SourceVersionOf("road-crew"), roads.NewState.SourceVersionOf("forum")));
    }

    [Fact]
    public void Proposals_to_owners_leave_the_values_as_they_are()
    {
        var state = Push.Opened(("district", Push.Text("east")));

        var decision = Push.By(
            Push.Forum, state, [("district", Push.Text("west")), ("title", Push.Text("Leak")), ("tags", default)], unowned: UnownedFields.Propose);

        Assert.Equal(RecordOutcome.Proposed, decision.Outcome);
        Assert.Equal([City.Resource.IndexOf("title"), City.Resource.IndexOf("district")], decision.Proposals.Select(proposal => proposal.FieldIndex));
        Assert.Equal((2L, FieldValue.Text("east")), (decision.NewState!.Version, decision.NewState.Value("district")));
        Assert.False(decision.WritesFields);
    }

    [Fact]
    public void Owned_fields_are_written_beside_proposals()
    {
        var state = Push.Opened(("responsible_department", Push.Text("road-crew")));

        var decision = Push.By(
            Push.Roads, state, [("status", PushedValue.Of(FieldValue.Code("open"))), ("title", Push.Text("Pothole"))], unowned: UnownedFields.Propose);

        Assert.Equal(RecordOutcome.Accepted, decision.Outcome);
        Assert.Equal(["status"], decision.Changed());
        Assert.Equal(FieldValue.Text("Pothole"), Assert.Single(decision.Proposals).Value);
        Assert.Equal(3, decision.NewState!.Version);
    }

    [Fact]
    public void A_proposal_must_be_a_value_of_the_field_too() =>
        Assert.Equal(
            ["title TOO_LONG"],
            Push.By(Push.Forum, Push.Opened(), [("title", Push.Text(new string('a', 21)))], unowned: UnownedFields.Propose).Reasons());

    [Fact]
    public void A_value_that_is_retired_by_now_may_stay()
    {
        var values = new FieldValue[City.Resource.Fields.Length];
        values[City.Resource.IndexOf("responsible_department")] = FieldValue.Text("road-crew");
        values[City.Resource.IndexOf("status")] = FieldValue.Code("lost");
        var state = new RecordState(3, City.Hotline, "hotline", "T1", values, []);

        Assert.Equal(RecordOutcome.Unchanged, Push.By(Push.Roads, state, [("status", PushedValue.Of(FieldValue.Code("lost")))]).Outcome);
        Assert.Equal(["status UNKNOWN_CODE"], Push.By(Push.Roads, state, [("status", PushedValue.Of(FieldValue.Code("odd")))]).Reasons());
    }
}
