using Exchange.Policy.Masks;

namespace Exchange.Catalog.Tests.Catalog;

public class SharingListRulesTests
{
    private static SharingEntry Entry(SharingClass sharing = SharingClass.NotShared, Level level = Level.Internal, Mask mask = default) => new()
    {
        FieldNumber = 0, Level = level, SharingClass = sharing, OpenClass = OpenClass.NotOpen, Mask = mask, Terms = City.Based,
    };

    [Fact]
    public void Own_entries_override_the_defaults_and_the_rest_follows_them()
    {
        var result = SharingListRules.Update(City.State, City.Forum, City.Complaint, [("appellant_phone", Entry()), ("title", Entry())], "");

        var state = City.State.After(result);
        var phone = City.Resource.Fields[2];
        Assert.Equal([1, 3], result.Value.Value.Entries.Select(entry => entry.FieldNumber));
        Assert.Equal(SharingClass.NotShared, state.SharingOf(City.Forum, City.Complaint, phone).SharingClass);
        Assert.Equal(phone.Mask, state.SharingOf(City.Forum, City.Complaint, phone).Mask);
        Assert.Equal(SharingClass.Conditional, state.SharingOf(City.Hotline, City.Complaint, phone).SharingClass);
        Assert.Equal(SharingClass.Conditional, state.SharingOf(City.Forum, City.Complaint, City.Resource.Fields[1]).SharingClass);
    }

    [Fact]
    public void Every_bad_entry_is_told_at_once()
    {
        var result = SharingListRules.Update(
            City.State,
            City.Forum,
            City.Complaint,
            [
                ("nothing", Entry()), ("title", Entry()), ("title", Entry(level: 0)), ("visits", Entry(sharing: 0)),
                ("confidential", Entry(level: Level.Sensitive)), ("place", Entry(mask: new Mask(MaskKind.Redact))),
            ],
            "");

        Assert.Equal(
            [
                "sharing_list.entries[0].field UNKNOWN_FIELD", "sharing_list.entries[2].field DUPLICATE", "sharing_list.entries[2].level REQUIRED",
                "sharing_list.entries[3].field NOT_OWNER", "sharing_list.entries[3].sharing_class REQUIRED",
                "sharing_list.entries[4].level STEERS_ACCESS", "sharing_list.entries[5].mask MASK_NOT_APPLICABLE",
            ],
            result.Violations());
    }

    [Fact]
    public void An_etag_guards_against_lost_updates_and_the_same_entries_change_nothing()
    {
        var state = City.State.After(SharingListRules.Update(City.State, City.Forum, City.Complaint, [("title", Entry())], "s0"));

        var stale = SharingListRules.Update(state, City.Forum, City.Complaint, [("district", Entry())], "s0");
        var same = SharingListRules.Update(state, City.Forum, City.Complaint, [("title", Entry())], "s0");
        var next = SharingListRules.Update(state, City.Forum, City.Complaint, [("district", Entry())], "s1");

        Assert.Equal(RefusalReason.StaleEtag, stale.Refusal?.Reason);
        Assert.Null(same.Value.Event);
        Assert.Equal("s2", next.Value.Value.Etag);
    }

    [Fact]
    public void Department_and_resource_must_be_there()
    {
        Assert.Equal(RefusalReason.DepartmentNotFound, SharingListRules.Update(City.State, new("nobody"), City.Complaint, [], "").Refusal?.Reason);
        Assert.Equal(RefusalReason.ResourceNotFound, SharingListRules.Update(City.State, City.Forum, new("permit"), [], "").Refusal?.Reason);
    }
}
