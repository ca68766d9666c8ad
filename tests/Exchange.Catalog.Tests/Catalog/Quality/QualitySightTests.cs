using Exchange.Policy.Conditions;
using Exchange.Policy.Masks;

namespace Exchange.Catalog.Tests.Catalog.Quality;

public class QualitySightTests
{
    private static readonly FieldDefinition Open = City.Field("a", 1, FieldType.Text);

    private static bool Shows(FieldDefinition field, DepartmentId caller, long records = 20, QualityRule? rule = null, SharingEntry? entry = null, FieldDefinition? other = null)
    {
        var resource = new ResourceDefinition(new("permit"), 1, other is null ? [field] : [field, other]) { Department = City.Hotline };
        var lists = entry is null ? [] : new[] { new SharingList { Department = City.Revisit, Resource = resource.Id, Entries = [entry], Revision = 1 } };
        return QualitySight.Shows(resource, lists, new MeasuredRule(field, 0, rule ?? new QualityRule.Required()), City.Forum, caller, records);
    }

    public static TheoryData<string> Closed => ["conditional", "not shared", "level 3", "level 4", "person", "masked"];

    [Theory]
    [MemberData(nameof(Closed))]
    public void A_field_that_not_everybody_reads_as_it_is_shows_its_score_to_the_owner_alone(string why)
    {
        var field = why switch
        {
            "conditional" => Open with { SharingClass = SharingClass.Conditional },
            "not shared" => Open with { SharingClass = SharingClass.NotShared },
            "level 3" => Open with { Level = Level.Sensitive },
            "level 4" => Open with { Level = Level.HighlySensitive },
            "person" => Open with { Role = FieldRole.Person },
            _ => Open with { Mask = new Mask(MaskKind.Redact) },
        };

        Assert.True(Shows(field, City.Forum, records: 1));
        Assert.False(Shows(field, City.Roads, records: 1_000_000));

        // Not to the keeper of the definition either, unless it owns the values.
        Assert.False(Shows(field, City.Hotline, records: 1_000_000));
    }

    [Fact]
    public void An_open_field_shows_its_score_to_everybody_from_twenty_records_on()
    {
        Assert.True(Shows(Open, City.Roads));
        Assert.True(Shows(Open with { Mask = new Mask(MaskKind.None) }, City.Roads));
        Assert.False(Shows(Open, City.Roads, records: 19));
        Assert.True(Shows(Open, City.Forum, records: 19));
    }

    [Fact]
    public void One_department_that_closes_the_field_on_its_list_closes_its_scores_to_others()
    {
        var entry = new SharingEntry { FieldNumber = 1, Level = Level.Public, SharingClass = SharingClass.Unconditional, OpenClass = OpenClass.NotOpen };

        Assert.True(Shows(Open, City.Roads, entry: entry));
        Assert.True(Shows(Open, City.Roads, entry: entry with { FieldNumber = 2, Level = Level.HighlySensitive }));
        Assert.False(Shows(Open, City.Roads, entry: entry with { Level = Level.Sensitive }));
        Assert.False(Shows(Open, City.Roads, entry: entry with { SharingClass = SharingClass.Conditional }));
        Assert.False(Shows(Open, City.Roads, entry: entry with { Mask = new Mask(MaskKind.Null) }));
    }

    [Fact]
    public void A_hidden_field_that_names_the_owner_hides_how_many_records_each_owns()
    {
        var named = Open with { Owner = new OwnerRule.DepartmentField("who") };
        var who = City.Field("who", 2, FieldType.Text);

        Assert.True(Shows(named, City.Roads, other: who));
        Assert.False(Shows(named, City.Roads, other: who with { SharingClass = SharingClass.NotShared }));
        Assert.True(Shows(named, City.Forum, other: who with { SharingClass = SharingClass.NotShared }));
    }

    [Fact]
    public void A_rule_that_looks_into_anothers_hidden_field_shows_nothing_even_to_the_owner()
    {
        var late = new QualityRule.Timeliness("since", 24, 0);
        var since = City.Field("since", 2, FieldType.Timestamp) with { SharingClass = SharingClass.NotShared };

        Assert.False(Shows(Open, City.Roads, rule: late, other: since));
        Assert.True(Shows(Open, City.Forum, rule: late, other: since));
        Assert.False(Shows(Open, City.Forum, rule: late, other: since with { Owner = new OwnerRule.Department(City.Revisit) }));
        Assert.True(Shows(Open, City.Roads, rule: late, other: since with { SharingClass = SharingClass.Unconditional }));
    }
}
