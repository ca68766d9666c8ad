using Exchange.Policy.Conditions;

namespace Exchange.Catalog.Tests.Catalog.Quality;

public class QualityRulesTests
{
    private static string[] Publish(params FieldDefinition[] fields) =>
        ResourceRules.Publish(City.State, City.Draft with { Id = new("permit"), DisplayName = "Permits", Fields = [.. fields] }, City.Noon).Violations();

    private static string[] Check(FieldType type, params QualityRule[] rules) => Publish(
        City.Field("a", 1, type) with { QualityRules = [.. rules] },
        City.Field("time", 2, FieldType.Timestamp),
        City.Field("gone", 3, FieldType.Timestamp) with { Retired = true },
        City.Field("text", 4, FieldType.Text));

    [Fact]
    public void Every_bad_part_of_the_rules_is_told_at_once()
    {
        var violations = Check(
            FieldType.Integer,
            new QualityRule.Unspecified(),
            new QualityRule.Range("", ""),
            new QualityRule.Range("1.5", "x"),
            new QualityRule.Range("3", "2"),
            new QualityRule.Pattern("a"),
            new QualityRule.Reference(new("status")),
            new QualityRule.Timeliness("nowhere", -1, 0),
            new QualityRule.Timeliness("gone", 0, 0),
            new QualityRule.Timeliness("text", 1, 1_001),
            new QualityRule.Unspecified());

        Assert.Equal(
            [
                "resource.fields[0].quality_rules[0] REQUIRED",
                "resource.fields[0].quality_rules[1].range REQUIRED",
                "resource.fields[0].quality_rules[2].range.min WRONG_TYPE",
                "resource.fields[0].quality_rules[2].range.max WRONG_TYPE",
                "resource.fields[0].quality_rules[3].range OUT_OF_RANGE",
                "resource.fields[0].quality_rules[4].pattern NOT_APPLICABLE",
                "resource.fields[0].quality_rules[5].code_list NOT_APPLICABLE",
                "resource.fields[0].quality_rules[6].timeliness.hours OUT_OF_RANGE",
                "resource.fields[0].quality_rules[6].timeliness.after_field UNKNOWN_FIELD",
                "resource.fields[0].quality_rules[7].timeliness REQUIRED",
                "resource.fields[0].quality_rules[7].timeliness.after_field WRONG_TYPE",
                "resource.fields[0].quality_rules[8].timeliness.working_days OUT_OF_RANGE",
                "resource.fields[0].quality_rules[8].timeliness REQUIRED",
                "resource.fields[0].quality_rules[8].timeliness.after_field WRONG_TYPE",
                "resource.fields[0].quality_rules[9] DUPLICATE",
                "resource.fields[0].quality_rules[9] REQUIRED",
            ],
            violations);
    }

    [Theory]
    [InlineData(FieldType.Integer, "-5", "9223372036854775807")]
    [InlineData(FieldType.Decimal, "-12.50", "99.9")]
    [InlineData(FieldType.Date, "2015-01-31", "2015-01-31")]
    [InlineData(FieldType.Timestamp, "2015-01-31T08:00:00+08:00", "2015-01-31T00:00:00.000001Z")]
    public void Bounds_are_of_the_fields_type_and_written_as_in_filters(FieldType type, string min, string max)
    {
        Assert.Empty(Check(type, new QualityRule.Range(min, max), new QualityRule.Range(min, ""), new QualityRule.Range("", max)));
        Assert.Equal("resource.fields[0].quality_rules[0].range.min WRONG_TYPE", Check(type, new QualityRule.Range($"{min} OR value = {min}", ""))[0]);
    }

    [Theory]
    [InlineData(FieldType.Text)]
    [InlineData(FieldType.Boolean)]
    [InlineData(FieldType.Code)]
    [InlineData(FieldType.Point)]
    [InlineData(FieldType.TextList)]
    public void Only_what_has_an_order_has_a_range(FieldType type) =>
        Assert.Equal(["resource.fields[0].quality_rules[0].range NOT_APPLICABLE"], Check(type, new QualityRule.Range("1", "2"), new QualityRule.Required(), new QualityRule.Timeliness("time", 87_600, 0)));

    [Fact]
    public void A_field_has_ten_rules_and_a_resource_two_hundred_also_in_a_draft()
    {
        static FieldDefinition Field(int number, int rules) => City.Field($"f{number}", number, FieldType.Integer) with
        {
            QualityRules = [.. Enumerable.Range(0, rules).Select(bound => new QualityRule.Range($"{bound}", ""))],
        };

        Assert.Empty(Publish([.. Enumerable.Range(1, 20).Select(number => Field(number, 10))]));
        Assert.Equal(["resource.fields TOO_MANY"], Publish([.. Enumerable.Range(1, 20).Select(number => Field(number, 10)), Field(21, 1)]));
        Assert.Equal(["resource.fields[0].quality_rules TOO_MANY"], Publish(Field(1, 11)));
        Assert.Equal(
            ["resource.fields[0].quality_rules TOO_MANY"],
            CatalogDraftRules.Save(City.State, City.Draft with { Id = new("permit"), Fields = [Field(1, 11)] }, new ClientId("steward"), "", City.Noon).Violations());
    }

    [Fact]
    public void Rules_change_with_any_revision_and_the_same_ones_again_change_nothing()
    {
        var state = City.State;
        var draft = City.Draft with
        {
            Fields = [.. City.ComplaintFields.Select(field => field.Name == "visits" ? field with { QualityRules = [new QualityRule.Range("0", "9")] } : field)],
        };

        state = state.After(ResourceRules.Publish(state, draft, City.Noon));
        var again = ResourceRules.Publish(state, draft with { Fields = [.. draft.Fields.Select(field => field with { QualityRules = [.. field.QualityRules] })] }, City.Noon);
        var without = ResourceRules.Publish(state, City.Draft, City.Noon);

        Assert.Equal(2, state.Resources["complaint"].Revision);
        Assert.Null(again.Value.Event);
        Assert.Equal(3, without.Value.Value.Revision);
    }

    [Fact]
    public void The_fingerprint_tells_when_records_are_to_be_measured_anew()
    {
        string Of(params QualityRule[] rules) => Of2(City.State, rules);
        string Of2(Exchange.Catalog.Governance.GovernanceState state, params QualityRule[] rules) => QualityRules.Fingerprint(
            state, new ResourceDefinition(new("permit"), 1, [City.Field("a", 1, FieldType.Text) with { QualityRules = [.. rules] }, City.Field("gone", 2, FieldType.Text) with { Retired = true, QualityRules = [new QualityRule.Required()] }]) { Department = City.Hotline });
        var listed = City.State.After(CodeListRules.Publish(City.State, new("status"), [.. City.State.CodeLists["status"].Codes, new() { Code = "new" }]));
        var holiday = City.State.Apply(
            new Exchange.Catalog.Governance.GovernanceEvent.HubSettingsChanged(HubSettings.Default with { Calendar = new() { Holidays = [new(2026, 3, 3)] } }), City.State.Position + 1);

        Assert.Equal("", Of());
        Assert.NotEqual("", Of(new QualityRule.Required()));
        Assert.Equal(Of(new QualityRule.Required()), Of2(listed, new QualityRule.Required()));
        Assert.Equal(Of(new QualityRule.Required()), Of2(holiday, new QualityRule.Required()));
        Assert.NotEqual(Of(new QualityRule.Required()), Of(new QualityRule.Pattern("a")));
        Assert.NotEqual(Of(new QualityRule.Reference(new("status"))), Of2(listed, new QualityRule.Reference(new("status"))));
        Assert.NotEqual(Of(new QualityRule.Timeliness("", 0, 5)), Of2(holiday, new QualityRule.Timeliness("", 0, 5)));
        Assert.Equal(Of(new QualityRule.Timeliness("", 5, 0)), Of2(holiday, new QualityRule.Timeliness("", 5, 0)));
    }
}
