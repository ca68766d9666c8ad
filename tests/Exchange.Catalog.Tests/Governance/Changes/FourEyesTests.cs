using System.Collections.Immutable;
using Exchange.Catalog.Governance;
using Exchange.Catalog.Tests.Access.Requests;
using Exchange.Policy.Masks;

namespace Exchange.Catalog.Tests.Governance.Changes;

public class FourEyesTests
{
    private static readonly Caller Person = Steward(City.Hotline, new UserId("a-steward").Client);
    private static readonly Caller OtherPerson = Steward(City.Hotline, new UserId("b-steward").Client);
    private static readonly Caller Machine = Steward(City.Hotline, new ClientId("a-desk"));

    [Fact]
    public void A_person_is_not_replaced_by_a_machine()
    {
        var (byPerson, ofPerson) = Held(Person, Grant("content"));
        var (byMachine, ofMachine) = Held(Machine, Grant("content"));

        Assert.Equal("FOUR_EYES", Review(byPerson, ofPerson, Person));
        Assert.Equal("FOUR_EYES", Review(byPerson, ofPerson, Machine));
        Assert.Equal("", Review(byPerson, ofPerson, OtherPerson));
        Assert.Equal("FOUR_EYES", Review(byMachine, ofMachine, Machine));
        Assert.Equal("", Review(byMachine, ofMachine, Steward(City.Hotline, new ClientId("b-desk"))));
        Assert.Equal("", Review(byMachine, ofMachine, Person));
    }

    [Fact]
    public void Only_stewards_and_the_operator_wait_and_only_for_levels_three_and_four()
    {
        Assert.Equal("content", FieldsHeld(Machine, Grant("content", "title")));
        Assert.Equal("content", FieldsHeld(new Caller(City.Hotline, new("operator"), Role.Operator), Grant("content", "title")));
        Assert.Equal("", FieldsHeld(Machine, Grant("title")));
        Assert.Equal("title", FieldsHeld(new Caller(City.Hotline, new("operator"), Role.Operator), Grant("title")));
        Assert.Equal("", FieldsHeld(new Caller(City.Hotline, new("the-hub"), Role.DepartmentSystem), Grant("content")));
        Assert.Equal("", FieldsHeld(Machine, new GovernanceEvent.GrantRevoked(new("none"), "a leak", City.Noon)));
    }

    [Fact]
    public void Two_owners_decide_their_parts_of_one_request_without_being_in_each_others_way()
    {
        var state = RequestCity.Submitted(RequestCity.Request("content") with { Owners = [City.Hotline, City.Forum] });
        var hotline = Approval(state, City.Hotline, RequestCity.Given);
        var forum = Approval(state, City.Forum, new("0b3f4a52-6c1d-4a6f-8d0e-0c7b5f1f2a02"));
        state = Propose(state, Machine, "first", hotline);
        state = Propose(state, Steward(City.Forum, new("f-desk")), "second", forum);
        state = state.After(FourEyes.Review(state, City.Forum, new("second"), Steward(City.Forum, new("g-desk")), true, "", City.Noon).Value.Events);
        state = state.After(FourEyes.Review(state, City.Hotline, new("first"), Person, true, "", City.Noon).Value.Events);

        Assert.Equal($"Approved {City.Hotline}=Approved {City.Forum}=Approved", state.StateAt(City.Noon));
        Assert.Equal(2, state.Grants.Count - City.State.Grants.Count);
        Assert.Empty(state.PendingChanges);
    }

    [Fact]
    public void A_limit_that_comes_near_makes_no_approval_outdated_and_a_decision_does()
    {
        var submitted = RequestCity.Submitted(RequestCity.Request("content"));
        var pending = Propose(submitted, Machine, "first", Approval(submitted, City.Hotline, RequestCity.Given));
        var near = submitted.Settings.Calendar.DueAfter(City.Noon, submitted.Settings.Limits.OwnerReview).AddHours(-1);

        var told = pending.After(Deadlines.Tell(pending, RequestCity.Id, near).Value.Events);
        Assert.NotEqual(pending.Etag(), told.Etag());
        Assert.Equal("", Review(told, new("first"), Person, near));

        var rejected = pending.After(AccessReviewRules.Reject(pending, RequestCity.Id, City.Hotline, RequestCity.Desk, "no", pending.Etag(), City.Noon).Value.Events);
        Assert.Equal("CHANGE_OUTDATED", Review(rejected, new("first"), Person));
    }

    [Fact]
    public void A_grant_whose_end_has_passed_meanwhile_is_outdated()
    {
        var (state, change) = Held(Machine, Grant("content"));

        Assert.Equal("", Review(state, change, Person, City.Noon.AddDays(29)));
        Assert.Equal("CHANGE_OUTDATED", Review(state, change, Person, City.Noon.AddDays(30)));
    }

    [Theory]
    [InlineData("content", 3, SharingClass.NotShared, "content")]
    [InlineData("content", 1, SharingClass.Conditional, "content")]
    [InlineData("title", 3, SharingClass.Unconditional, "title")]
    [InlineData("title", 2, SharingClass.Conditional, "")]
    [InlineData("content", 3, SharingClass.Conditional, "")]
    public void A_revision_that_shares_sensitive_fields_otherwise_is_reviewed(string field, int level, SharingClass sharing, string refused)
    {
        var resource = City.State.Resources[City.Complaint.Value];
        var next = new ResourceDefinition(City.Complaint, 2, [.. resource.Fields.Select(one => one.Name == field ? one with { Level = (Level)level, SharingClass = sharing } : one)]) { Department = resource.Department };

        var refusal = FourEyes.RequireReview(City.State, next);

        Assert.Equal(refused, refusal?.Metadata["field"] ?? "");
        Assert.Null(FourEyes.RequireReview(GovernanceState.Empty, next));
    }

    [Fact]
    public void Its_approval_is_a_stewards_of_the_department_that_keeps_the_resource_and_fields_of_others_are_their_own()
    {
        var published = City.State.Resources[City.Complaint.Value];
        var keeper = published.Department;
        foreach (var (rule, isOthers) in new (OwnerRule, bool)[] { (new OwnerRule.Opener(), false), (new OwnerRule.Department(City.Roads), true) })
        {
            ResourceDefinition With(Level level, CategoryCode? category) => new(City.Complaint, 1, [.. published.Fields.Select(one => one.Name is "content" ? one with { Owner = rule, Level = level } : one)])
            {
                Department = keeper, Category = category,
            };
            var state = City.State.After([new GovernanceEvent.ResourcePublished(With(Level.Sensitive, null))]);
            foreach (var next in new[] { With(Level.Internal, null), With(Level.Sensitive, new("water")) })
            {
                string Refused(DepartmentId department, Role role) => $"{FourEyes.RequireOwner(state, next, new Caller(department, new("users/one"), role))?.Reason}";

                Assert.Equal(("", "FOUR_EYES", "FOUR_EYES"), (Refused(keeper, Role.Steward), Refused(keeper, Role.Operator), Refused(City.Revisit, Role.Steward)));
                Assert.Equal(isOthers && next.Category is null ? City.Roads.Value : "", FourEyes.RequireOwnFields(state, next)?.Metadata["department"] ?? "");
                Assert.Equal(RefusalReason.FourEyes, FourEyes.RequireReview(state, next)!.Reason);
            }

            Assert.Null(FourEyes.RequireOwner(state, With(Level.Sensitive, null), new Caller(keeper, new("operator"), Role.Operator)));
            Assert.Null(FourEyes.RequireOwnFields(state, With(Level.Sensitive, null)));
        }
    }

    [Fact]
    public void A_new_field_that_is_sensitive_and_shared_is_reviewed_too()
    {
        var published = City.State.Resources[City.Complaint.Value];
        var content = published.Fields.Single(field => field.Name is "content");

        Assert.Equal(
            ["extra", "extra", "", ""],
            [Refused(Level.Sensitive, SharingClass.Conditional), Refused(Level.HighlySensitive, SharingClass.Unconditional), Refused(Level.Sensitive, SharingClass.NotShared), Refused(Level.Internal, SharingClass.Conditional)]);

        string Refused(Level level, SharingClass sharing)
        {
            var extra = content with { Number = 99, Name = "extra", Level = level, SharingClass = sharing };
            var next = new ResourceDefinition(City.Complaint, 2, [.. published.Fields, extra]) { Department = published.Department, Category = published.Category };
            return FourEyes.RequireReview(City.State, next)?.Metadata["field"] ?? "";
        }
    }

    [Fact]
    public void No_machine_approves_what_a_person_drafted_of_sensitive_fields()
    {
        var published = City.State.Resources[City.Complaint.Value];
        var next = new ResourceDefinition(City.Complaint, 2, [.. published.Fields.Select(one => one.Name is "content" ? one with { Level = Level.Internal } : one)])
        {
            Department = published.Department, Category = published.Category,
        };
        Caller Of(Caller caller) => caller with { Department = published.Department };

        Assert.Equal(
            ["FOUR_EYES", "FOUR_EYES", "", "FOUR_EYES", "", ""],
            [Approves(Machine, Person), Approves(Person, OtherPerson, Person), Approves(OtherPerson, Person, Person), Approves(Machine, Machine), Approves(Steward(City.Hotline, new ClientId("b-desk")), Machine), Approves(Person, Machine)]);

        string Approves(Caller reviewer, params Caller[] authors) => $"{FourEyes.RequireOwner(City.State, next, Of(reviewer), authors.Select(author => author.Client))?.Reason}";
    }

    [Fact]
    public void A_field_that_is_sensitive_on_a_list_alone_is_so_for_the_resources_revisions_too()
    {
        var published = City.State.Resources[City.Complaint.Value];
        var title = published.Fields.Single(field => field.Name is "title");
        var next = new ResourceDefinition(City.Complaint, 2, [.. published.Fields.Select(one => one == title ? one with { Mask = new Mask(MaskKind.Redact) } : one)])
        {
            Department = published.Department, Category = published.Category,
        };
        var listed = City.State.SharingOf(City.Hotline, City.Complaint, title) with { Level = Level.HighlySensitive };

        var state = City.State.After([new GovernanceEvent.SharingListChanged(new SharingList { Department = City.Hotline, Resource = City.Complaint, Entries = [listed], Revision = 1 })]);

        Assert.Null(FourEyes.RequireReview(City.State, next));
        Assert.Equal("title", FourEyes.RequireReview(state, next)?.Metadata["field"]);
    }

    private static Caller Steward(DepartmentId department, ClientId client) => new(department, client, Role.Steward);

    private static GovernanceEvent.GrantIssued Grant(params string[] fields) => new(new Grant
    {
        Id = RequestCity.Given,
        Owner = City.Hotline,
        Reader = City.Roads,
        Resource = City.Complaint,
        Fields = [.. fields],
        Purposes = [Purpose.Regulation],
        Agreement = new(City.Hotline, "reading"),
        AgreementVersion = 1,
        CreateTime = City.Noon,
        ExpireTime = City.Noon.AddDays(30),
    });

    private static ImmutableArray<GovernanceEvent> Approval(GovernanceState state, DepartmentId owner, GrantId grant) => AccessReviewRules.Approve(
        state, RequestCity.Id, owner, new() { Agreement = new(owner, "reading") }, grant, RequestCity.Desk, "", state.Etag(), City.Noon).Value.Events;

    private static GovernanceState Propose(GovernanceState state, Caller author, string id, ImmutableArray<GovernanceEvent> events) =>
        state.After([new GovernanceEvent.ChangeProposed(FourEyes.Hold(state, author, events, new(id), City.Noon).Value.Change!)]);

    private static (GovernanceState State, PendingChangeId Change) Held(Caller author, GovernanceEvent happened) =>
        (Propose(City.State, author, "held", [happened]), new("held"));

    private static string FieldsHeld(Caller author, GovernanceEvent happened) =>
        string.Join(' ', FourEyes.Hold(City.State, author, [happened], new("held"), City.Noon).Value.Change?.Fields.Select(field => field.Field) ?? []);

    private static string Review(GovernanceState state, PendingChangeId change, Caller reviewer, DateTimeOffset? now = null) =>
        FourEyes.Review(state, City.Hotline, change, reviewer, true, "", now ?? City.Noon).Refusal?.Reason.Code ?? "";
}
