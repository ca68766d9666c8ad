using System.Collections.Immutable;
using Exchange.Policy.Conditions;
using Exchange.Policy.Masks;

namespace Exchange.Catalog.Tests.Catalog;

public class ResourceRulesTests
{
    private static string[] Publish(params FieldDefinition[] fields) =>
        ResourceRules.Publish(City.State, City.Draft with { Id = new("permit"), DisplayName = "Permits", Fields = [.. fields] }, City.Noon).Violations();

    private static Result<GovernanceDecisionView> Revise(Func<ImmutableArray<FieldDefinition>, ImmutableArray<FieldDefinition>> change, string etag = "")
    {
        var result = ResourceRules.Publish(City.State, City.Draft with { Fields = change(City.ComplaintFields), Etag = etag }, City.Noon);
        return result.IsRefused ? result.Refusal : new GovernanceDecisionView(result.Value.Value, result.Value.Event is not null);
    }

    private static ImmutableArray<FieldDefinition> With(string name, Func<FieldDefinition, FieldDefinition> change) =>
        [.. City.ComplaintFields.Select(field => field.Name == name ? change(field) : field)];

    [Fact]
    public void A_published_resource_has_its_fields_in_the_order_of_numbers_and_default_lengths()
    {
        var result = ResourceRules.Publish(City.State, City.Draft with { Id = new("permit"), DisplayName = "Permits", Fields = [.. City.ComplaintFields.Reverse()] }, City.Noon);

        var resource = result.Value.Value;
        Assert.Equal(Enumerable.Range(1, 15), resource.Fields.Select(field => field.Number));
        Assert.Equal(FieldDefinition.DefaultTextLength, resource.Fields[resource.IndexOf("content")].MaxLength);
        Assert.Equal(20, resource.Fields[resource.IndexOf("title")].MaxLength);
        Assert.Equal((1, City.Noon), (resource.Revision, resource.PublishTime));
    }

    [Fact]
    public void Every_bad_part_of_a_resource_is_told_at_once()
    {
        var draft = City.Draft with
        {
            Id = new("Bad"), DisplayName = "", Abstract = " ", Department = new("nobody"), Category = new("9"), UpdateCycle = (UpdateCycle)77, Fields = [],
        };

        Assert.Equal(
            [
                "resource.name INVALID_ID", "resource.display_name INVALID_TEXT", "resource.abstract INVALID_TEXT", "resource.department DEPARTMENT_NOT_FOUND",
                "resource.category CATEGORY_NOT_FOUND", "resource.update_cycle UNKNOWN_VALUE", "resource.fields COUNT",
            ],
            ResourceRules.Publish(City.State, draft, City.Noon).Violations());
    }

    [Fact]
    public void Every_bad_field_is_told_at_once()
    {
        var violations = Publish(
            City.Field("Bad", 0, FieldType.Text),
            City.Field("a", 1, FieldType.Unspecified),
            City.Field("a", 1, FieldType.Text) with { MaxLength = FieldDefinition.LongestText + 1 },
            City.Field("xmin", 10_000, FieldType.Integer) with { MaxLength = 5, Searchable = true, CodeList = new("status") },
            City.Field("c", 4, FieldType.Code) with { CodeList = null },
            City.Field("d", 5, FieldType.Code) with { CodeList = new("nothing") },
            City.Field("e", 6, FieldType.Date) with { Level = 0, SharingClass = 0, OpenClass = (OpenClass)9, Mask = new(MaskKind.Redact), Role = (FieldRole)9 },
            City.Field("f", 7, FieldType.Point) with { Indexed = true },
            City.Field("g", 8, FieldType.Text) with { Indexed = true },
            City.Field("h", 9, FieldType.Text) with { Indexed = true, MaxLength = FieldDefinition.LongestIndexedText },
            City.Field("i", 10, FieldType.Timestamp) with { Indexed = true });

        Assert.Equal(
            [
                "resource.fields[0].name INVALID_ID", "resource.fields[0].number OUT_OF_RANGE", "resource.fields[1].type REQUIRED",
                "resource.fields[2].name DUPLICATE", "resource.fields[2].number DUPLICATE", "resource.fields[2].max_length OUT_OF_RANGE",
                "resource.fields[3].name RESERVED", "resource.fields[3].number OUT_OF_RANGE", "resource.fields[3].code_list NOT_APPLICABLE",
                "resource.fields[3].max_length OUT_OF_RANGE", "resource.fields[3].searchable NOT_APPLICABLE",
                "resource.fields[4].code_list REQUIRED", "resource.fields[5].code_list CODE_LIST_NOT_FOUND",
                "resource.fields[6].level REQUIRED", "resource.fields[6].sharing_class REQUIRED", "resource.fields[6].open_class REQUIRED",
                "resource.fields[6].default_mask MASK_NOT_APPLICABLE", "resource.fields[6].role UNKNOWN_VALUE",
                "resource.fields[7].indexed NOT_APPLICABLE", "resource.fields[8].indexed NOT_APPLICABLE",
            ],
            violations);
    }

    [Fact]
    public void An_owner_rule_must_lead_to_a_department()
    {
        var violations = Publish(
            City.Field("none", 1, FieldType.Text, new OwnerRule.Department(new(""))),
            City.Field("stranger", 2, FieldType.Text, new OwnerRule.Department(new("nobody"))),
            City.Field("lost", 3, FieldType.Text, new OwnerRule.DepartmentField("missing")),
            City.Field("by_number", 4, FieldType.Text, new OwnerRule.DepartmentField("number")),
            City.Field("number", 5, FieldType.Integer),
            City.Field("self", 6, FieldType.Text, new OwnerRule.DepartmentField("self")),
            City.Field("here", 7, FieldType.Text, new OwnerRule.DepartmentField("there")),
            City.Field("there", 8, FieldType.Text, new OwnerRule.DepartmentField("here")),
            City.Field("by_gone", 9, FieldType.Text, new OwnerRule.DepartmentField("gone")),
            City.Field("gone", 10, FieldType.Text) with { Retired = true },
            City.Field("chain", 11, FieldType.Text, new OwnerRule.DepartmentField("link")),
            City.Field("link", 12, FieldType.Text, new OwnerRule.DepartmentField("root")),
            City.Field("root", 13, FieldType.Text));

        Assert.Equal(
            [
                "resource.fields[0].owner REQUIRED", "resource.fields[1].owner.department DEPARTMENT_NOT_FOUND",
                "resource.fields[2].owner.department_field UNKNOWN_FIELD", "resource.fields[3].owner.department_field WRONG_TYPE",
                "resource.fields[5].owner.department_field CIRCULAR", "resource.fields[6].owner.department_field CIRCULAR",
                "resource.fields[7].owner.department_field CIRCULAR", "resource.fields[8].owner.department_field RETIRED_FIELD",
            ],
            violations);
    }

    [Fact]
    public void What_access_rules_look_into_is_one_boolean_flag_and_readable_owner_fields()
    {
        var flag = City.Field("flag", 1, FieldType.Boolean) with { Role = FieldRole.ConfidentialityFlag };
        var violations = Publish(
            flag with { Level = Level.Sensitive },
            flag with { Name = "flag_two", Number = 2, Type = FieldType.Text },
            City.Field("dept", 3, FieldType.Text, level: Level.HighlySensitive),
            City.Field("note", 4, FieldType.Text, new OwnerRule.DepartmentField("dept")) with { Required = true },
            City.Field("old", 5, FieldType.Text) with { Required = true, Retired = true });

        Assert.Equal(
            [
                "resource.fields[0].level STEERS_ACCESS", "resource.fields[1].role NOT_APPLICABLE", "resource.fields[1].role DUPLICATE",
                "resource.fields[2].level STEERS_ACCESS", "resource.fields[3].required NOT_APPLICABLE", "resource.fields[4].required NOT_APPLICABLE",
            ],
            violations);
    }

    [Fact]
    public void The_same_definition_again_changes_nothing_even_under_an_old_etag()
    {
        var result = Revise(fields => [.. fields.Reverse()], etag: "r0");

        Assert.False(result.Value.Changed);
        Assert.Equal(1, result.Value.Resource.Revision);
    }

    [Fact]
    public void A_revision_may_add_fields_lengthen_retire_and_reclassify()
    {
        var result = Revise(_ =>
            [
                .. With("title", field => field with { MaxLength = 30, Required = false, DisplayName = "Title" })
                    .Select(field => field.Name is "tags" ? field with { Retired = true, SharingClass = SharingClass.NotShared } : field),
                City.Field("channel", 20, FieldType.Text) with { Searchable = true },
            ],
            etag: "r1");

        Assert.True(result.Value.Changed);
        Assert.Equal((2, 16), (result.Value.Resource.Revision, result.Value.Resource.Fields.Length));
    }

    [Fact]
    public void A_stale_etag_is_refused() =>
        Assert.Equal(RefusalReason.StaleEtag, Revise(fields => fields.Add(City.Field("channel", 20, FieldType.Text)), etag: "r7").Refusal?.Reason);

    [Fact]
    public void A_new_resource_has_no_etag_yet() =>
        Assert.Equal(RefusalReason.StaleEtag, ResourceRules.Publish(City.State, City.Draft with { Id = new("permit"), DisplayName = "Permits", Etag = "r1" }, City.Noon).Refusal?.Reason);

    [Fact]
    public void Everything_that_breaks_is_told_at_once()
    {
        var result = Revise(fields =>
        [
            .. fields.Where(field => field.Name is not "old_ticket").Select(field => field.Name switch
            {
                "title" => field with { MaxLength = 10 },
                "content" => field with { Name = "text", Searchable = true },
                "appellant_phone" => field with { Role = FieldRole.Unspecified },
                "accepted_at" => field with { Type = FieldType.Date },
                "district" => field with { Owner = new OwnerRule.Department(City.Roads), Required = true },
                _ => field,
            }),
            City.Field("channel", 20, FieldType.Text) with { Required = true },
        ]);

        Assert.Equal(RefusalReason.BreakingChange, result.Refusal?.Reason);
        Assert.Equal(
            [
                "title LENGTH_REDUCED", "content NUMBER_REUSED", "content SEARCHABLE_ADDED", "appellant_phone ROLE_CHANGED", "accepted_at TYPE_CHANGED",
                "district OWNER_CHANGED", "district REQUIRED_ADDED", "old_ticket FIELD_REMOVED", "channel REQUIRED_ADDED",
            ],
            result.Violations());
    }

    [Fact]
    public void A_code_field_keeps_its_list()
    {
        var state = City.State.After(CodeListRules.Publish(City.State, new("other"), [new() { Code = "x" }]));

        var result = ResourceRules.Publish(state, City.Draft with { Fields = With("status", field => field with { CodeList = new("other") }) }, City.Noon);

        Assert.Equal(["status CODE_LIST_CHANGED"], result.Violations());
    }

    private sealed record GovernanceDecisionView(ResourceDefinition Resource, bool Changed);
}
