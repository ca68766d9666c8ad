using Exchange.Catalog.Governance;

namespace Exchange.Catalog.Tests.Catalog;

public class ResourceDescriptionTests
{
    private static readonly ResourceDraft Permits = City.Draft with { Id = new("permit"), DisplayName = "Permits", Category = new("301001") };

    private static GovernanceState WithTree { get; } = City.State.After(CategoryRules.Define(City.State,
    [
        new() { Code = new("3"), DisplayName = "Departments" },
        new() { Code = new("301"), DisplayName = "Demands", Parent = new("3") },
        new() { Code = new("301001"), DisplayName = "Subjects", Parent = new("301") },
        new() { Code = new("30100100007"), DisplayName = "Night", Parent = new("301001") },
        new() { Code = new("petition.01"), DisplayName = "The city's own" },
    ]));

    private static string[] Complaints(Func<ResourceDescription, ResourceDescription> change) =>
        ResourceRules.Publish(WithTree, Permits with { Description = change(ResourceDescription.None) }, City.Noon).Violations();

    private static ResourceDefinition Publish(ref GovernanceState state, ResourceDraft draft)
    {
        var published = ResourceRules.Publish(state, draft, City.Noon);
        state = state.After(published);
        return published.Value.Value;
    }

    [Fact]
    public void The_hub_gives_the_next_number_of_a_category_and_never_one_that_was_given()
    {
        var state = WithTree;

        var first = Publish(ref state, Permits);
        var chosen = Publish(ref state, Permits with { Id = new("chosen"), DisplayName = "Chosen", Description = new() { Code = new("301001/7") } });
        state = state.Apply(new GovernanceEvent.ResourceRevoked(chosen.Id, City.Noon), state.Position + 1);
        var next = Publish(ref state, Permits with { Id = new("next"), DisplayName = "Next" });
        var deeper = Publish(ref state, Permits with { Id = new("deeper"), DisplayName = "Deeper", Category = new("30100100007") });
        var own = Publish(ref state, Permits with { Id = new("own_tree"), DisplayName = "Own tree", Category = new("petition.01") });
        var revised = Publish(ref state, Permits with { Abstract = "Said better" });

        Assert.Equal(
            ["301001/1", "301001/7", "301001/8", "30100100007/1", "", "301001/1"],
            new[] { first, chosen, next, deeper, own, revised }.Select(resource => resource.Description.Code?.Value ?? ""));
        Assert.Equal(["resource.code TAKEN"], ResourceRules.Publish(state, Permits with { Id = new("again"), DisplayName = "Again", Description = new() { Code = new("301001/7") } }, City.Noon).Violations());
        Assert.Equal("CODE_CHANGED", Assert.Single(ResourceRules.Publish(state, Permits with { Description = new() { Code = new("301001/9") } }, City.Noon).Refusal!.Violations).Reason);
    }

    [Theory]
    [InlineData("301001/0", "INVALID_CODE")]
    [InlineData("301001/01", "INVALID_CODE")]
    [InlineData("301001/1234567890", "INVALID_CODE")]
    [InlineData("301001", "INVALID_CODE")]
    [InlineData("/1", "INVALID_CODE")]
    [InlineData("401001/1", "INVALID_CODE")]
    [InlineData("301/1", "INVALID_CODE")]
    [InlineData("3010/1", "INVALID_CODE")]
    [InlineData("301002/1", "CATEGORY_NOT_FOUND")]
    [InlineData("302001/1", "CATEGORY_NOT_FOUND")]
    [InlineData("301001/1001", "OUT_OF_RANGE")]
    public void A_code_that_is_none_or_another_category_s_is_refused(string code, string reason) =>
        Assert.Equal([$"resource.code {reason}"], Complaints(none => none with { Code = new(code) }));

    [Fact]
    public void A_resource_stays_in_the_category_of_its_code()
    {
        var state = WithTree;
        Publish(ref state, Permits);

        Assert.Equal(["resource.category CODE_IS_FOR_GOOD"], ResourceRules.Publish(state, Permits with { Category = new("30100100007") }, City.Noon).Violations());
        Assert.Equal(["resource.code OTHER_CATEGORY"], ResourceRules.Publish(state, Permits with { Id = new("other"), DisplayName = "Other", Category = new("30100100007"), Description = new() { Code = new("301001/2") } }, City.Noon).Violations());
        Assert.Empty(ResourceRules.Publish(state, Permits with { Category = new("petition.01") }, City.Noon).Violations());
        Assert.Empty(ResourceRules.Publish(state, Permits with { Id = new("wide"), DisplayName = "Wide", Category = new("301"), Description = new() { Code = new("30100100007/1") } }, City.Noon).Violations());
    }

    [Fact]
    public void Digits_that_were_defined_before_there_was_a_scheme_give_no_codes()
    {
        var state = City.State.Apply(new GovernanceEvent.CategoriesDefined([new() { Code = new("sh"), DisplayName = "Shanghai" }, new() { Code = new("310101"), DisplayName = "A district", Parent = new("sh") }]), City.State.Position + 1);

        Assert.Null(ResourceRules.Publish(state, Permits with { Category = new("310101") }, City.Noon).Value.Value.Description.Code);
    }

    [Fact]
    public void What_stands_is_not_complained_about_when_it_is_published_again_as_it_stands()
    {
        var old = City.Field("note", 1, Policy.Conditions.FieldType.Text, sharing: SharingClass.NotShared) with { Terms = SharingTerms.None, MaxLength = 4_000 };
        var published = new ResourceDefinition(new("old"), 1, [old]) { DisplayName = "Old", Abstract = "From before", Department = City.Hotline };
        var state = City.State.Apply(new GovernanceEvent.ResourcePublished(published), City.State.Position + 1);
        var same = City.Draft with { Id = new("old"), DisplayName = "Old", Abstract = "From before", Fields = [old with { MaxLength = 0 }] };

        Assert.Empty(ResourceRules.Publish(state, same, City.Noon).Value.Events);
        Assert.Equal(["resource.fields[0].basis REQUIRED", "resource.fields[0].open_basis REQUIRED"], ResourceRules.Publish(state, same with { Abstract = "Said better" }, City.Noon).Violations());
    }

    [Fact]
    public void Related_codes_are_codes_and_stand_there_once() => Assert.Equal(
        ["resource.related_codes[1] INVALID_CODE", "resource.related_codes[2] DUPLICATE"],
        Complaints(none => none with { RelatedCodes = [new("301001/1"), new("x"), new("301001/1")] }));

    [Theory]
    [InlineData(ResourceFormat.Image, SharingMode.Platform)]
    [InlineData(ResourceFormat.StreamingMedia, SharingMode.Unspecified)]
    [InlineData(ResourceFormat.Unspecified, SharingMode.Mail)]
    [InlineData(ResourceFormat.ServiceInterface, SharingMode.Media)]
    public void A_format_that_the_sharing_mode_cannot_carry_is_refused(ResourceFormat format, SharingMode mode) =>
        Assert.Equal(["resource.format UNSUITED"], Complaints(none => none with { Format = format, SharingMode = mode }));

    [Fact]
    public void Ways_of_the_platform_are_for_the_platform() => Assert.Equal(
        ["resource.platform_modes[0] NOT_APPLICABLE", "resource.platform_modes[1] UNKNOWN_VALUE"],
        Complaints(none => none with { Format = ResourceFormat.Spreadsheet, SharingMode = SharingMode.Mail, PlatformModes = [PlatformMode.Api, (PlatformMode)44] }));

    [Fact]
    public void Texts_have_bounds() => Assert.Equal(
        ["resource.source_system INVALID_TEXT", "resource.coverage INVALID_TEXT", "resource.contact INVALID_TEXT"],
        Complaints(none => none with { SourceSystem = new('x', 201), Coverage = "a\nb", Contact = new('x', 201) }));

    [Theory]
    [InlineData("complaints", "")]
    [InlineData("  COM-PLAINTS! ", "")]
    [InlineData("Ｃｏｍｐｌａｉｎｔｓ", "")]
    [InlineData("Other", "诉 求（记录）")]
    public void Two_resources_of_a_department_differ_in_more_than_punctuation(string name, string nameZh)
    {
        var state = City.State.After(ResourceRules.Publish(City.State, City.Draft with { DisplayNameZh = "诉求记录" }, City.Noon));
        var same = Permits with { Category = null, DisplayName = name, DisplayNameZh = nameZh };

        Assert.Contains("NAME_TAKEN", Assert.Single(ResourceRules.Publish(state, same, City.Noon).Violations()));
        var elsewhere = state.After(ResourceRules.Publish(state, same with { Department = City.Roads }, City.Noon));
        Assert.Contains("NAME_TAKEN", Assert.Single(ResourceRules.Publish(elsewhere, same, City.Noon).Violations()));
        Assert.Empty(ResourceRules.Publish(state, same with { Department = City.Roads }, City.Noon).Violations());
    }

    [Fact]
    public void What_is_shared_through_the_hub_is_not_taken_out_of_it_by_a_revision_and_what_is_only_described_has_no_records()
    {
        var described = Permits with { Description = new() { Format = ResourceFormat.Spreadsheet, SharingMode = SharingMode.Mail } };
        var state = WithTree;
        Publish(ref state, described);

        Assert.Equal(RefusalReason.NotMounted, ResourceLookup.Mounted(state, described.Id).Refusal?.Reason);
        Assert.False(ResourceLookup.Published(state, described.Id).IsRefused);
        var mounted = state.After(ResourceRules.Publish(state, Permits, City.Noon));
        Assert.False(ResourceLookup.Mounted(mounted, described.Id).IsRefused);
        Assert.Contains("MODE_CHANGED", ResourceRules.Publish(mounted, described, City.Noon).Refusal!.Violations.Select(violation => violation.Reason));
    }

    [Fact]
    public void What_is_withheld_needs_a_basis()
    {
        var bare = City.Field("note", 1, Policy.Conditions.FieldType.Text, sharing: SharingClass.NotShared) with { Terms = SharingTerms.None };
        var half = bare with { Name = "half", Number = 2, Terms = new() { Basis = new(BasisKind.Law, " "), OpenBasis = new(0, "why") } };
        var free = bare with { Name = "free", Number = 3, SharingClass = SharingClass.Unconditional, OpenClass = OpenClass.Unconditional };

        Assert.Equal(
            [
                "resource.fields[0].basis REQUIRED", "resource.fields[0].open_basis REQUIRED",
                "resource.fields[1].basis.text INVALID_TEXT", "resource.fields[1].open_basis.kind REQUIRED",
            ],
            ResourceRules.Publish(City.State, Permits with { Category = null, Fields = [bare, half, free] }, City.Noon).Violations());
    }

    [Theory]
    [InlineData("4", null)]
    [InlineData("0", null)]
    [InlineData("30", "3")]
    [InlineData("302", null)]
    [InlineData("201", "3")]
    [InlineData("3010", "301")]
    [InlineData("301002", "3")]
    [InlineData("3010019", "301")]
    [InlineData("3020019", "301001")]
    public void A_code_of_digits_only_stands_in_the_national_scheme_or_not_at_all(string code, string? parent) => Assert.Equal(
        ["categories[0].name NOT_NATIONAL"],
        CategoryRules.Define(WithTree, [new() { Code = new(code), DisplayName = "Odd", Parent = parent is null ? null : new CategoryCode(parent) }]).Violations());

    [Theory]
    [InlineData("91350100M000100Y43", true)]
    [InlineData("91350100M000100Y42", false)]
    [InlineData("91350100M000100I43", false)]
    [InlineData("91350100m000100y43", false)]
    [InlineData("9135010", false)]
    public void A_credit_code_is_checked_by_its_last_character(string code, bool isValid) => Assert.Equal(isValid, CreditCode.IsValid(code));
}
