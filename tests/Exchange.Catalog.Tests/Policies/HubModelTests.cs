using Exchange.Catalog.Policies;

namespace Exchange.Catalog.Tests.Policies;

public sealed class HubModelTests
{
    [Fact]
    public void There_is_one_base_row_for_each_base_rule_and_each_says_why()
    {
        Assert.Equal(
            [
                "base/department-systems-only", "base/owner-reads-own", "base/unconditional", "base/conditional-grant", "base/not-shared",
                "base/confidential-person", "base/owner-writes-own", "base/others-propose", "base/operator-administers", "base/steward-administers-own",
            ],
            HubModel.BaseRows.Select(row => row.Id.Value));
        Assert.All(HubModel.BaseRows, row => Assert.InRange(row.Reason.Length, 20, 200));
        PolicyAction[] reading = [PolicyAction.Read, PolicyAction.Follow, PolicyAction.Match, PolicyAction.Export];
        Assert.Equal(reading.Union([PolicyAction.Write, PolicyAction.Propose]).Order(), HubModel.BaseRows[0].Actions);
        Assert.All(HubModel.BaseRows[1..6], row => Assert.Equal(reading, row.Actions));
        Assert.Equal(
            [PolicyAction.Write, PolicyAction.Propose, PolicyAction.Administer, PolicyAction.Administer], HubModel.BaseRows[6..].Select(row => Assert.Single(row.Actions)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("r.context.purpose == 'EMERGENCY'")]
    [InlineData("r.caller.level == 'city' && r.object.level < 3")]
    [InlineData("ipMatch(r.context.network, '10.0.0.0/8') && r.context.time >= '08:00'")]
    [InlineData("r.object[\"sharing\"] != 'not-shared'")]
    [InlineData("r.caller.level == 'city' &&\r\n    r.object.level < 3\n")]
    [InlineData("r.caller.district == 'north' && r.caller['zone_2'] != r.caller.district")]
    public void A_condition_of_known_attributes_is_right(string condition) => Assert.Null(HubModel.Complaint(condition, ["district", "zone_2"]));

    [Theory]
    [InlineData("r.caller.district == 'north'", "at character 0: `r.caller` has no `district`; it has name, department, parent, level, role, zone_2")]
    [InlineData("true && r.object['colour'] == 1", "at character 8: `r.object` has no `colour`")]
    [InlineData("(r.object)[\"co\\lour\"] == 1", "at character 1: `r.object` has no `colour`")]
    [InlineData("r.caller.level = 'city'", "at character 15: ")]
    [InlineData("r.nobody == 1", "at character 2: ")]
    [InlineData("eval(p.condition)", "at character 0: ")]
    [InlineData("regexMatch(r.caller.name, '(')", "at character 26: ")]
    [InlineData("(r.object.level > 1", "at character 19: ")]
    [InlineData("\n  r.object.level > 1 &&\n  r.nobody == 1", "at character 29: ")]
    [InlineData("r.caller.role == 'a\nb'", "at character 0: a value has a line break")]
    public void A_condition_that_cannot_be_right_is_refused_with_its_place(string condition, string complaint) =>
        Assert.StartsWith(complaint, HubModel.Complaint(condition, ["zone_2"]));

    [Fact]
    public void Where_any_attribute_may_be_named_only_callers_have_more() =>
        Assert.Equal((null, "at character 0: "), (HubModel.Complaint("r.caller.district == 'north'", null), HubModel.Complaint("r.object.colour == 1", null)?[..16]));

    [Theory]
    [InlineData("ipMatch((r.context)[\"net\\work\"], '10.0.0.0/8')", true)]
    [InlineData("r_context . network != ''", true)]
    [InlineData("'' + r.context != ''", true)]
    [InlineData("r.caller.name == 'r.context.network'", false)]
    [InlineData("r.context.time > '08:00'", false)]
    public void A_condition_tells_whether_it_asks_for_a_circumstance_however_it_is_written(string condition, bool expected) =>
        Assert.Equal(expected, HubModel.AsksFor(condition, "network"));
}
