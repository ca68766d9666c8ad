using Exchange.Policy.Masks;

namespace Exchange.Catalog.Tests.Access;

public class GrantRulesTests
{
    private static readonly GrantId First = new("0b3f4a52-6c1d-4a6f-8d0e-0c7b5f1f2a01");

    private static Grant Grant(params string[] fields) => new()
    {
        Id = First,
        Owner = City.Hotline,
        Reader = City.Roads,
        Resource = City.Complaint,
        Fields = [.. fields],
        Purposes = [Purpose.GovService],
        ExpireTime = City.Noon.AddYears(1),
        Agreement = new(City.Hotline, "reading"),
    };

    [Fact]
    public void A_grant_is_active_from_its_acceptance_until_it_expires_or_is_revoked()
    {
        var state = City.State.After(GrantRules.Issue(City.State, Grant("content"), City.Noon));
        var accepted = state.After(GrantSteps.Accept(state, City.Hotline, First, 1, new("roads-desk"), City.Noon));
        var revoked = accepted.After(GrantRules.Revoke(accepted, City.Hotline, First, "a test", City.Noon.AddDays(1)));

        Assert.DoesNotContain(state.GrantsTo(City.Roads, City.Complaint), grant => grant.IsActive(City.Noon));
        Assert.Single(accepted.GrantsTo(City.Roads, City.Complaint), grant => grant.IsActive(City.Noon));
        Assert.DoesNotContain(accepted.GrantsTo(City.Roads, City.Complaint), grant => grant.IsActive(City.Noon.AddYears(1)));
        Assert.DoesNotContain(accepted.GrantsTo(City.Forum, City.Complaint), grant => grant.IsActive(City.Noon));
        Assert.DoesNotContain(revoked.GrantsTo(City.Roads, City.Complaint), grant => grant.IsActive(City.Noon.AddDays(1)));
    }

    [Fact]
    public void Every_bad_part_of_a_grant_is_told_at_once()
    {
        var grant = Grant("title", "nothing", "content", "content", "leader_note") with
        {
            Reader = City.Hotline,
            Purposes = [Purpose.Analysis, Purpose.Analysis, (Purpose)77],
            ExpireTime = City.Noon.AddYears(3).AddSeconds(1),
            RowFilter = "district = \"east\" AND appellant_phone = \"1\" AND title:\"pipe\"",
            Mask = new Mask(MaskKind.YearOnly),
        };

        var violations = GrantRules.Issue(City.State, grant, City.Noon).Violations();

        Assert.Equal(
            [
                "grant.reader OWN_DEPARTMENT", "grant.fields[0] NOT_CONDITIONAL", "grant.mask MASK_NOT_APPLICABLE", "grant.fields[1] UNKNOWN_FIELD",
                "grant.mask MASK_NOT_APPLICABLE", "grant.fields[3] DUPLICATE", "grant.mask MASK_NOT_APPLICABLE",
                "grant.fields[4] NOT_OWNER", "grant.fields[4] NOT_CONDITIONAL", "grant.mask MASK_NOT_APPLICABLE",
                "grant.purposes[1] DUPLICATE", "grant.purposes[2] UNKNOWN_VALUE", "grant.expire_time OUT_OF_RANGE",
                "grant.row_filter UNKNOWN_FIELD", "grant.row_filter NOT_SEARCHABLE",
            ],
            violations);
    }

    [Fact]
    public void Fields_purposes_and_an_end_ahead_are_required()
    {
        var result = GrantRules.Issue(City.State, Grant() with { Purposes = [], ExpireTime = City.Noon }, City.Noon);

        Assert.Equal(["grant.fields REQUIRED", "grant.purposes REQUIRED", "grant.expire_time OUT_OF_RANGE"], result.Violations());
    }

    [Fact]
    public void The_owner_s_list_says_what_may_be_granted()
    {
        var entry = new SharingEntry { FieldNumber = 1, Level = Level.Internal, SharingClass = SharingClass.Conditional, Terms = City.Based, OpenClass = OpenClass.NotOpen };
        var state = City.State.After(SharingListRules.Update(City.State, City.Forum, City.Complaint, [("title", entry)], ""));

        Assert.False(GrantRules.Issue(state, Grant("title") with { Owner = City.Forum, Agreement = new(City.Forum, "reading") }, City.Noon).IsRefused);
        Assert.Equal(["grant.fields[0] NOT_CONDITIONAL"], GrantRules.Issue(state, Grant("title"), City.Noon).Violations());
    }

    [Fact]
    public void A_row_filter_may_use_readable_fields_and_who_opened_the_record()
    {
        var grant = Grant("content") with { RowFilter = "district = \"east\" AND opener_department = \"hotline-12345\"" };

        Assert.False(GrantRules.Issue(City.State, grant, City.Noon).IsRefused);
    }

    [Fact]
    public void The_same_request_again_returns_the_grant_and_other_content_is_refused()
    {
        var state = City.State.After(GrantRules.Issue(City.State, Grant("content"), City.Noon));

        var again = GrantRules.Issue(state, Grant("content"), City.Noon.AddHours(1));
        var other = GrantRules.Issue(state, Grant("place"), City.Noon.AddHours(1));

        Assert.Equal(City.Noon, again.Value.Value.CreateTime);
        Assert.Null(again.Value.Event);
        Assert.Equal(RefusalReason.IdempotencyKeyReused, other.Refusal?.Reason);
    }

    [Fact]
    public void Only_the_owner_s_grants_are_found_and_revoking_twice_keeps_the_first_time()
    {
        var state = City.State.After(GrantRules.Issue(City.State, Grant("content"), City.Noon));
        var revoked = state.After(GrantRules.Revoke(state, City.Hotline, First, "a test", City.Noon));

        var again = GrantRules.Revoke(revoked, City.Hotline, First, "a test", City.Noon.AddDays(9));

        Assert.Equal(RefusalReason.GrantNotFound, GrantRules.Revoke(state, City.Forum, First, "a test", City.Noon).Refusal?.Reason);
        Assert.Equal(City.Noon, again.Value.Value.RevokeTime);
        Assert.Null(again.Value.Event);
    }
}
