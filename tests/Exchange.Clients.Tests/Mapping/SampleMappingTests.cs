using Exchange.Clients.Catalog;
using Exchange.Clients.Mapping;
using Exchange.Clients.Tests.Support;
using Exchange.Protos.V1;

namespace Exchange.Clients.Tests.Mapping;

public sealed class SampleMappingTests
{
    [Theory]
    [InlineData("boston-311.yaml", "boston.csv")]
    [InlineData("nyc-311.yaml", "nyc.csv")]
    [InlineData("open311.yaml", "requests.json")]
    [InlineData("cn-petition.yaml", "messages_votes.csv.gz")]
    public void Every_sample_names_only_departments_and_systems_of_the_sample_city(string mapping, string file)
    {
        var systems = new[] { "departments.yaml", "boston.yaml", "petition.yaml" }
            .SelectMany(f => CatalogFile.Parse(File.ReadAllText(Repository.Sample($"city/{f}")), f).Departments)
            .ToDictionary(d => d.Name["departments/".Length..], d => d.SourceSystems);

        Complaint.CompileSample(mapping, file);
        var read = MappingFile.Parse(File.ReadAllText(Repository.Sample($"mappings/{mapping}")), mapping);

        Assert.All(read.Departments, d => Assert.Contains(d.Value, systems[d.Key]));
        Assert.All(
            read.Parts.Where(p => p.Department is not null).SelectMany(p => p.SourceSystems.Select(s => (p.Department, System: s.Value))),
            s => Assert.Contains(s.System, systems[s.Department!]));
    }

    [Fact]
    public async Task Open311_requests_become_records()
    {
        const string Json = """
            [{"service_request_id":"638344","status":"open","service_name":"Blocked drain","service_code":"12","agency_responsible":null,
              "requested_datetime":"2010-04-19T06:37:38-08:00","address":"8TH AVE","lat":37.76,"long":"-122.48","media_url":"http://example.org/p.jpg",
              "updated_datetime":"2010-04-20T06:37:38-08:00"},
             {"service_request_id":"638345","status":"closed","status_notes":"Drain flushed.","service_name":"Blocked drain","agency_responsible":"Dept of Public Works",
              "requested_datetime":"2010-04-19T06:37:38-08:00","updated_datetime":"2010-04-20T06:37:38-08:00"}]
            """;
        var mapped = await MappedText.OfMapping(File.ReadAllText(Repository.Sample("mappings/open311.yaml")), Json, "requests.json");

        Assert.Empty(mapped.Reasons);
        Assert.Equal("638344", mapped.Rows[0].Parts[0]!.Record.SourceId);
        Assert.Equal(new Point { Latitude = 37.76, Longitude = -122.48 }, mapped.Value(0, "location")?.Point);
        Assert.Equal(["http://example.org/p.jpg"], mapped.Value(0, "photos")!.TextList.Values);
        Assert.Equal(("hotline", "IN_PROGRESS", "open"), (mapped.Rows[0].Parts[2]!.Department, mapped.Value(0, "status")!.Code, mapped.Value(0, "source_status")!.Text));
        Assert.Null(mapped.Value(0, "closed_at"));
        Assert.Equal(("urban-management", "CONCLUDED", "Drain flushed."), (mapped.Rows[1].Parts[2]!.Department, mapped.Value(1, "status")!.Code, mapped.Value(1, "result_text")!.Text));
        Assert.Equal(DateTimeOffset.Parse("2010-04-20T14:37:38Z"), mapped.Value(1, "closed_at")!.Timestamp.ToDateTimeOffset());
    }

    [Fact]
    public async Task Nyc_rows_of_the_export_and_of_the_api_become_records()
    {
        const string Csv = """
            Unique Key,Created Date,Closed Date,Status,Resolution Description,Agency,Agency Name,Complaint Type,Descriptor,Location Type,Incident Zip,Incident Address,Street Name,City,Due Date,Community Board,Borough,Open Data Channel Type,Latitude,Longitude
            1,03/09/2025 02:30:00 AM,03/10/2025 09:00:00 AM,Closed,The leak was repaired.,DEP,Environmental Protection,Water System,Leak,,10453,1 A ST,A ST,BRONX,,05 BRONX,BRONX,PHONE,40.85,-73.91
            2,2025-11-02T01:30:00.000,,Lost,,PIGEONS,Police,Noise,Loud,Street,,,,,2025-11-01T00:00:00.000,,QUEENS,CARRIER PIGEON,,
            """;

        var mapped = await MappedText.OfMapping(File.ReadAllText(Repository.Sample("mappings/nyc-311.yaml")), Csv, "nyc.csv");

        Assert.Empty(mapped.Reasons);
        Assert.Equal("Water System: Leak", mapped.Value(0, "title")?.Text);
        Assert.Equal(["community-board:05 BRONX"], mapped.Value(0, "area_codes")!.TextList.Values);
        Assert.Equal("SERVICE_311", mapped.Value(0, "channel")?.Code);
        Assert.Null(mapped.Value(1, "location"));
        Assert.Equal(["TIME_NONEXISTENT"], mapped.Rows[0].Parts[0]!.Record.Warnings);
        Assert.Equal(["CHANNEL_UNKNOWN", "TIME_AMBIGUOUS", "DEPARTMENT_DEFAULTED", "DUE_BEFORE_OPENED"], mapped.Rows[1].Parts[0]!.Record.Warnings);
        Assert.Equal(("environment", "CONCLUDED", "The leak was repaired."), (mapped.Rows[0].Parts[2]!.Department, mapped.Value(0, "status")!.Code, mapped.Value(0, "result_text")!.Text));
        Assert.Equal(DateTimeOffset.Parse("2025-03-10T13:00:00Z"), mapped.Value(0, "closed_at")!.Timestamp.ToDateTimeOffset());
        Assert.Equal(("hotline", "nyc-311", "Lost"), (mapped.Rows[1].Parts[2]!.Department, mapped.Rows[1].Parts[2]!.SourceSystem, mapped.Value(1, "source_status")!.Text));
        Assert.Equal(["STATUS_UNKNOWN"], mapped.Rows[1].Parts[2]!.Record.Warnings);
    }

    [Theory]
    [InlineData("messages_labelled.csv.gz", 495, 1, "forum-labelled")] // one message stands there twice, in two categories
    [InlineData("messages_votes.csv.gz", 4326, 0, "forum-votes")]
    [InlineData("messages_replies_until_2019_06.csv.gz", 2370, 0, "forum-replies")]
    public async Task Every_petition_row_becomes_a_record_or_a_reject_and_its_office_is_a_listed_one(string name, long rows, long rejected, string system)
    {
        var file = Repository.Shared($"cn-petition-2020/{name}");
        var mapper = Complaint.CompileSample("cn-petition.yaml", name);
        var statistics = new MappingStatistics();
        var offices = new Dictionary<string, int>();
        await foreach (var row in mapper.ReadAsync(file, statistics, TestContext.Current.CancellationToken))
        {
            if (row.Problems.Count > 0)
            {
                Assert.Equal("DUPLICATE_ID", row.Problems[0].Reason);
                continue;
            }

            Assert.Equal(system, row.Parts[0]!.SourceSystem);
            if (row.Parts[1] is { } reply)
            {
                offices[reply.Department] = offices.GetValueOrDefault(reply.Department) + 1;
            }
        }

        Assert.Equal((rows, rows - rejected), (statistics.Rows, statistics.Mapped));
        if (system != "forum-replies")
        {
            Assert.Empty(offices);
            return;
        }

        var (recognised, texts) = statistics.Recognition["responsible_department"];
        TestContext.Current.TestOutputHelper?.WriteLine($"recognised {recognised} of {texts}: {string.Join(", ", offices.OrderByDescending(o => o.Value))}");
        Assert.Equal(2370, texts);
        Assert.Equal(texts - recognised, statistics.Warnings["DEPARTMENT_DEFAULTED"]);
        Assert.InRange(recognised, 1600, 2000);
        Assert.Equal(2370, offices.Values.Sum());
    }
}
