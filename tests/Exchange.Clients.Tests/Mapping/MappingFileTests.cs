using Exchange.Clients.Mapping;
using Exchange.Clients.Tests.Support;
using Exchange.Clients.Yaml;

namespace Exchange.Clients.Tests.Mapping;

public sealed class MappingFileTests
{
    private const string Good = """
        mapping: 1
        resource: complaint
        time_zone: Asia/Shanghai
        departments:
          hotline: hotline-tickets
          housing: housing-cases
        warnings:
          - {when: closed_at < accepted_at, warning: CLOSED_BEFORE_OPENED}
        parts:
          - name: intake
            department: hotline
            source_system: {"web*": hotline-web, "*": hotline-tickets}
            id: [year, id]
            fields:
              accepted_at: {column: opened, formats: [yyyy-MM-dd]}
              responsible_department: {column: office, codes: {H: housing}}
          - name: handling
            department_field: responsible_department
            opened_as: intake
            fields:
              closed_at: {column: closed, formats: [yyyy-MM-dd]}
        """;

    [Fact]
    public async Task Each_part_is_one_departments_push_and_refers_to_the_opened_record()
    {
        var mapped = await MappedText.OfMapping(Good, "year,id,opened,office,closed\n24,1,2024-05-02,H,2024-05-01\n24,2,2024-05-02,,2024-05-03\n24,3,2024-05-02,H,\n", "web-2024.csv");

        var (intake, handling) = (mapped.Rows[0].Parts[0]!, mapped.Rows[0].Parts[1]!);
        Assert.Equal(("hotline", "hotline-web", "24/1"), (intake.Department, intake.SourceSystem, intake.Record.SourceId));
        Assert.Equal(("housing", "housing-cases"), (handling.Department, handling.SourceSystem));
        Assert.Equal(("hotline-web", "24/1"), (handling.Record.OpenedAs.SourceSystem, handling.Record.OpenedAs.SourceId));
        Assert.Equal(["CLOSED_BEFORE_OPENED"], handling.Record.Warnings);
        Assert.Empty(mapped.Reasons);
        Assert.Null(mapped.Rows[1].Parts[1]); // no department handles it
        Assert.Null(mapped.Rows[2].Parts[1]); // nothing to say
        Assert.Equal(1, mapped.Statistics.Warnings["CLOSED_BEFORE_OPENED"]);
    }

    [Fact]
    public async Task The_department_that_opens_can_stand_in_a_column()
    {
        const string Mapping = """
            mapping: 1
            resource: complaint
            departments: {hotline: hotline-tickets, petition-forum: forum-posts}
            parts:
              - name: intake
                department_by: {column: door, codes: {phone: hotline, web: petition-forum}}
                id: id
                fields: {title: subject}
            """;

        var mapped = await MappedText.OfMapping(Mapping, "id,door,subject\n1,phone,a\n2,web,b\n3,fax,c\n");

        Assert.Equal(["hotline/hotline-tickets", "petition-forum/forum-posts"], mapped.Rows.Take(2).Select(r => $"{r.Parts[0]!.Department}/{r.Parts[0]!.SourceSystem}"));
        Assert.Equal(["UNKNOWN_CODE@door"], mapped.Reasons);
    }

    [Theory]
    [InlineData("mapping: 1", "mapping: 2", 1, "mapping", "version 1")]
    [InlineData("resource: complaint", "resource: complaint\nresourse: x", 3, "resourse", "is not a known key")]
    [InlineData("time_zone: Asia/Shanghai", "time_zone: Asia/Atlantis", 1, "time_zone", "no IANA time zone")]
    [InlineData("time_zone: Asia/Shanghai", "", 15, "parts[0].fields.accepted_at", "needs `time_zone`")]
    [InlineData("codes: {H: housing}", "codes: {H: housing, T: traffic}", 16, "parts[0].fields.responsible_department", "`traffic` is not listed under `departments`")]
    [InlineData("codes: {H: housing}", "codes: {H: housing}, code_system: city-a", 16, "parts[0].fields.responsible_department.code_system", "is for codes that the hub maps")]
    [InlineData(", codes: {H: housing}", "", 16, "parts[0].fields.responsible_department", "as they stand there")]
    [InlineData("accepted_at: {", "acepted: {", 8, "warnings", "compares `accepted_at`")]
    [InlineData("responsible_department: {column", "title2: {column", 18, "parts[1].department_field", "no earlier part sends `responsible_department`")]
    [InlineData("opened_as: intake", "opened_as: intak", 19, "parts[1].opened_as", "no earlier part")]
    [InlineData("closed_at: {column: closed,", "accepted_at: {column: closed,", 21, "parts[1].fields.accepted_at", "a field has one owner")]
    [InlineData("department: hotline", "department: hotlin", 11, "parts[0].department", "is not listed")]
    [InlineData("warning: CLOSED_BEFORE_OPENED", "warning: closed", 8, "warnings[0].warning", "capital letters")]
    [InlineData("formats: [yyyy-MM-dd]}\n      responsible", "formats: [yyyy-QQ]}\n      responsible", 15, "parts[0].fields.accepted_at", "no date and time pattern")]
    [InlineData("  housing: housing-cases", "  housing: ~", 17, "parts[1].source_system", "`housing` has no source system")]
    [InlineData("source_system: {\"web*\": hotline-web, \"*\": hotline-tickets}", "source_system: {\"web*\": hotline-web}", 10, "parts[0].source_system", "no pattern fits the file name `rows.csv`")]
    [InlineData("parts:", "parts: [", 0, "", "is no valid YAML")]
    [InlineData("  - name: handling", "  - name: handling\n    id: x", 18, "parts[1].id", "say either")]
    public void A_mistake_is_told_with_its_line_its_key_and_the_fix(string from, string to, long line, string key, string message)
    {
        var text = Good.Replace(from, to);
        Assert.NotEqual(Good, text);

        var refused = Assert.Throws<YamlFileException>(() => Complaint.Compile(text));

        Assert.Contains(refused.Problems, p => (line == 0 || p.Line == line) && p.Key == key && p.Message.Contains(message));
        Assert.Contains($"test.yaml:{refused.Problems[0].Line}: ", refused.Message);
    }

    [Fact]
    public void All_mistakes_are_told_at_once()
    {
        var text = Good.Replace("closed_at: {column", "closed: {column").Replace("codes: {H: housing}", "codes: {H: nobody}");

        var refused = Assert.Throws<YamlFileException>(() => Complaint.Compile(text));

        Assert.Contains(refused.Problems, p => p.Message.Contains("`nobody`"));
        Assert.Contains(refused.Problems, p => p.Message.Contains("no field `closed`; did you mean `closed_at`?"));
    }

    [Theory]
    [InlineData("(a+)+$")]
    [InlineData("^(.*)*x")]
    public void Patterns_run_in_linear_time_whatever_the_text(string pattern)
    {
        var mapping = MappingFile.Parse($"mapping: 1\nresource: complaint\ndepartments: {{hotline: h}}\nparts:\n  - name: p\n    department: hotline\n    id: id\n    fields:\n      title: {{column: c, extract: '{pattern}'}}\n", "t.yaml");

        Assert.Equal(System.Text.RegularExpressions.RegexOptions.NonBacktracking, mapping.Parts[0].Fields[0].Extract!.Options & System.Text.RegularExpressions.RegexOptions.NonBacktracking);
    }
}
