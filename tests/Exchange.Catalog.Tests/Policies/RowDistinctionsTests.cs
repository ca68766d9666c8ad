using System.Collections.Immutable;
using Exchange.Catalog.Governance;
using Exchange.Catalog.Policies;
using Exchange.Policy.Language;

namespace Exchange.Catalog.Tests.Policies;

public sealed class RowDistinctionsTests
{
    private static readonly PolicyRow Row = new() { Id = new("row"), Subject = "*", Object = "*", Actions = [PolicyAction.Read], Effect = RuleEffect.Allow, Reason = "a test" };

    [Theory]
    [InlineData("", "", false)]
    [InlineData("r.object.level > 2", "", false)]
    [InlineData("r.object.owner == 'roads'", "roads", false)]
    [InlineData("(r.object.owner != \"roads\") && r.object.owner=='forum'", "roads forum", false)]
    [InlineData("r.object.level > 1 || r.object.owner == 'roads' ? true : r.object.owner == 'forum'", "roads forum", false)]
    [InlineData("r.object['owner'] == 'roads'", "roads", false)]
    [InlineData("r_object.owner == 'roads'", "roads", false)]
    [InlineData("(r.object)[\"o\\wner\"] != \"police\"", "police", false)]
    [InlineData("r.object.owner == 'roads' == false", "roads", false)]
    [InlineData("r.object.owner == r.caller.parent || r.object.owner != r.caller.department", "", true)]
    public void A_plain_comparison_tells_the_owners_it_names(string condition, string departments, bool isParent)
    {
        var distinctions = RowDistinctions.Of(Row with { Condition = condition });

        Assert.Equal((departments, isParent), (string.Join(' ', distinctions.Departments), distinctions.IsParent));
        Assert.False(distinctions.IsEveryOwner);
    }

    [Theory]
    [InlineData("r.object.owner == r.object.department")]
    [InlineData("r.object.owner != ''")]
    [InlineData("r.object.owner == 'ro' + 'ads'")]
    [InlineData("'x' + r.object.owner == 'xroads'")]
    [InlineData("!r.object.owner == 'roads'")]
    [InlineData("r.object.owner > 'roads'")]
    [InlineData("'roads' == r.object.owner")]
    [InlineData("\"(r.object.owner == \" + r.object.owner + \")\" == '(r.object.owner == roads)'")]
    [InlineData("'roads' + r.object == 'roads'")]
    [InlineData("r.object.owner in ('roads', 'forum')")]
    [InlineData("keyMatch(r.object.owner, 'road*')")]
    [InlineData("r.object.owner == r.caller.parent.name")]
    [InlineData("r.object.owner == 'ro\\'ads'")]
    public void Any_other_use_of_the_owner_tells_every_owner(string condition) => Assert.True(RowDistinctions.Of(Row with { Condition = condition }).IsEveryOwner);

    [Fact]
    public void A_stewards_permit_tells_its_department_and_a_forbid_none()
    {
        Assert.Equal([City.Roads], RowDistinctions.Of(Row with { Department = City.Roads }).Departments);
        Assert.Empty(RowDistinctions.Of(Row with { Department = City.Roads, Effect = RuleEffect.Deny }).Departments);
    }

    [Fact]
    public void A_row_tells_those_apart_whom_it_is_about_when_they_do_what_it_is_about()
    {
        var row = Row with { Subject = PolicySubject.Of(City.Roads), Condition = "r.object.owner == 'forum'" };
        var state = City.State.Apply(new GovernanceEvent.PolicyRowSet(row), City.State.Position + 1);

        ImmutableArray<DepartmentId> Told(DepartmentId caller, PolicyAction action) =>
            [.. state.Policy.DistinctionsIn(City.Resource, CallerAttributes.Of(state, caller, Role.DepartmentSystem)!, action).SelectMany(one => one.Departments)];

        Assert.Equal([new DepartmentId("forum")], Told(City.Roads, PolicyAction.Read));
        Assert.Empty(Told(City.Hotline, PolicyAction.Read));
        Assert.Empty(Told(City.Roads, PolicyAction.Follow));
    }

    [Theory]
    [InlineData("r.object.field == 'title'", true)]
    [InlineData("(r.object)[\"fie\\ld\"] == 'title'", true)]
    [InlineData("'a name' == 'a field'", false)]
    [InlineData("keyMatch(r.object.name, 'resources/*')", true)]
    [InlineData("r.object.person && r.object.level > 2", false)]
    public void A_row_that_asks_for_the_field_tells_every_field(string condition, bool expected) =>
        Assert.Equal(expected, RowDistinctions.Of(Row with { Condition = condition }).IsEveryField);
}
