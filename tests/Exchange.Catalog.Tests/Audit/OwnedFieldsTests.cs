using System.Collections.Immutable;
using Exchange.Catalog.Audit;

namespace Exchange.Catalog.Tests.Audit;

public sealed class OwnedFieldsTests
{
    private static readonly string[] Read = ["title", "status", "cost", "visits", "gone"];

    [Fact]
    public void A_department_owns_what_names_it_for_all_records_whoever_opened_them()
    {
        Assert.Equal(["visits"], Of(City.Revisit, by: []));
        Assert.Equal([], Of(City.Hotline, by: []));
        Assert.True(OwnedFields.IsFixed(City.Resource, "visits", City.Revisit));
        Assert.False(OwnedFields.IsFixed(City.Resource, "title", City.Hotline));
    }

    [Fact]
    public void It_owns_what_depends_on_the_record_by_the_rules_that_made_it_owner_of_records_read()
    {
        Assert.Equal(["title"], Of(City.Hotline, OwnedFields.ByOpener));
        Assert.Equal(["status", "cost"], Of(City.Roads, "responsible_department"));
        Assert.Equal(["title", "status", "cost"], Of(City.Hotline, "responsible_department", OwnedFields.ByOpener));
    }

    [Fact]
    public void Where_it_is_not_known_whose_records_were_read_it_may_own_what_any_record_gives_it_but_opens_none_without_a_source_system()
    {
        Assert.Equal(["title", "status", "cost"], Of(City.Hotline, by: null));
        Assert.Equal(["status", "cost"], Of(City.Roads, by: null));
    }

    private static ImmutableArray<string> Of(DepartmentId owner, params string[]? by) => OwnedFields.Of(City.Resource, Read, City.State.Departments[owner.Value], by);
}
