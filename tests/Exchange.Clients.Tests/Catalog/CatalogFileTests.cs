using Exchange.Clients.Catalog;
using Exchange.Clients.Tests.Support;
using Exchange.Clients.Yaml;
using Exchange.Protos.V1;

namespace Exchange.Clients.Tests.Catalog;

public sealed class CatalogFileTests
{
    [Fact]
    public void The_sample_resource_keeps_the_rules_of_numbers_owners_and_codes()
    {
        var departments = CatalogFile.Parse(File.ReadAllText(Repository.Sample("city/departments.yaml")), "departments.yaml").Departments.Select(d => d.Name).ToHashSet();

        var resource = Complaint.Resource;

        Assert.Equal(resource.Fields.Count, resource.Fields.Select(f => f.Number).Distinct().Count());
        Assert.Equal(resource.Fields.Count, resource.Fields.Select(f => f.Name).Distinct().Count());
        Assert.All(resource.Fields, f => Assert.True(f.Type is not FieldType.Code || Complaint.CodeLists.ContainsKey(f.CodeList), f.Name));
        Assert.All(resource.Fields, f => Assert.True(f.Level is not Level.Unspecified && f.SharingClass is not SharingClass.Unspecified && f.OpenClass is not OpenClass.Unspecified, f.Name));
        Assert.All(resource.Fields.Where(f => f.Owner.RuleCase is OwnerRule.RuleOneofCase.Department), f => Assert.Contains(f.Owner.Department, departments));
        Assert.Equal(["content", "result_text", "title"], resource.Fields.Where(f => f.Searchable).Select(f => f.Name).Order());
        Assert.Equal("responsible_department", resource.Fields.Single(f => f.Name == "status").Owner.DepartmentField);
        Assert.Equal(MaskKind.Null, resource.Fields.Single(f => f.Name == "supervise_note").DefaultMask.Kind);
        Assert.Equal((MaskKind.ShowLastN, 4), (resource.Fields.Single(f => f.Name == "appellant_phone").DefaultMask.Kind, resource.Fields.Single(f => f.Name == "appellant_phone").DefaultMask.Parameter));
    }

    [Theory]
    [InlineData("departments.yaml")]
    [InlineData("sharing.yaml")]
    [InlineData("boston.yaml")]
    [InlineData("petition.yaml")]
    public void Every_sample_file_is_readable(string name)
    {
        var file = CatalogFile.Parse(File.ReadAllText(Repository.Sample($"city/{name}")), name);

        Assert.True(file.Departments.Count + file.SharingLists.Count > 0);
        Assert.All(file.Departments, d => Assert.Matches("^departments/[a-z][a-z0-9-]{1,39}$", d.Name));
        var fields = Complaint.Resource.Fields.Select(f => f.Name).ToHashSet();
        Assert.All(file.SharingLists.SelectMany(l => l.Entries), e => Assert.Contains(e.Field, fields));
    }

    [Fact]
    public void A_source_system_belongs_to_one_department()
    {
        var systems = new[] { "departments.yaml", "boston.yaml", "petition.yaml" }
            .SelectMany(n => CatalogFile.Parse(File.ReadAllText(Repository.Sample($"city/{n}")), n).Departments).SelectMany(d => d.SourceSystems).ToArray();

        Assert.Equal(systems.Length, systems.Distinct().Count());
    }

    [Fact]
    public void A_code_list_may_say_what_sources_codes_mean()
    {
        const string Text = "catalog: 1\ncode_lists:\n  - {id: kinds, codes: [{code: noise}], mappings: [{code_system: city-a, source_code: '07', code: noise}]}\n";

        var mapping = Assert.Single(Assert.Single(CatalogFile.Parse(Text, "c.yaml").CodeLists).Mappings);

        Assert.Equal(("city-a", "07", "noise"), (mapping.CodeSystem, mapping.SourceCode, mapping.Code));
    }

    [Fact]
    public void A_field_may_have_quality_rules_and_each_reads_as_it_is_written()
    {
        string[] rules =
        [
            "required", "range 0..100", "range ..-1.5", "range 2020-01-01..", @"pattern [0-9]{2,3}, \.", "code-list kinds", "within 24 hours", "within 5 working-days of accepted_at",
        ];
        var text = $$"""
            catalog: 1
            resources:
              - id: r1
                display_name: R
                abstract: x
                department: a
                fields:
                  - {name: f, number: 1, type: text, owner: opener, level: 1, sharing: unconditional, open: unconditional, quality: [{{string.Join(", ", rules.Select(rule => $"'{rule}'"))}}]}

            """;

        var read = Assert.Single(Assert.Single(CatalogFile.Parse(text, "c.yaml").Resources).Fields).QualityRules;

        Assert.Equal(rules, read.Select(QualityRuleText.Write));
        Assert.Equal(new QualityTimeliness { AfterField = "accepted_at", WorkingDays = 5 }, read[^1].Timeliness);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Required")]
    [InlineData("required now")]
    [InlineData("range 5")]
    [InlineData("pattern")]
    [InlineData("pattern ")]
    [InlineData("code-list ")]
    [InlineData("within 5")]
    [InlineData("within 5 days")]
    [InlineData("within -5 hours")]
    [InlineData("within 5 hours of")]
    [InlineData("within 5 hours after x")]
    public void What_is_no_quality_rule_is_told(string text) => Assert.Null(QualityRuleText.Read(text));

    [Fact]
    public void A_department_may_have_attributes()
    {
        var file = CatalogFile.Parse("catalog: 1\ndepartments:\n  - {id: east, display_name: East, level: district, attributes: {district: 东湖区, zone: 2}}\n", "c.yaml");

        Assert.Equal([("district", "东湖区"), ("zone", "2")], Assert.Single(file.Departments).Attributes.Select(attribute => (attribute.Key, attribute.Value)).Order());
    }

    [Fact]
    public void Mistakes_are_told_with_their_lines()
    {
        const string Text = """
            catalog: 1
            departments:
              - {id: a, display_name: A, level: planet}
            resources:
              - id: r
                display_name: R
                abstract: x
                department: a
                fields:
                  - {name: f, number: 0, type: text, owner: somebody, mask: blur}
            """;

        var refused = Assert.Throws<YamlFileException>(() => CatalogFile.Parse(Text, "c.yaml"));

        Assert.Equal([3, 10, 10, 10], refused.Problems.Select(p => p.Line));
        Assert.Contains("c.yaml:3: `departments[0].level`: `planet` is not known; use one of nation, province, city, district, street, community, grid", refused.Message);
        Assert.Contains("use one of none, redact, show-first-n", refused.Message);
    }
}
