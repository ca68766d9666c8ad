using System.Text;
using Exchange.Clients.Files;
using Exchange.Clients.Mapping;
using Exchange.Clients.Tests.Support;
using Exchange.Protos.V1;

namespace Exchange.Clients.Tests.Mapping;

/// <summary>Maps the rows of a text with a mapping of one part whose fields are given.</summary>
internal sealed class MappedText
{
    private const string Head = """
        mapping: 1
        resource: complaint
        time_zone: America/New_York
        departments: {hotline: hotline-tickets, housing: housing-cases}
        parts:
          - name: intake
            department: hotline
            id: id
            fields:

        """;

    public required RowMapper Mapper { get; init; }

    public required IReadOnlyList<MappedRow> Rows { get; init; }

    public required MappingStatistics Statistics { get; init; }

    public IEnumerable<string> Reasons => Rows.SelectMany(r => r.Problems).Select(p => $"{p.Reason}@{p.Column}");

    public static Task<MappedText> OfFields(string fields, string csv) =>
        OfMapping(Head + string.Join('\n', fields.Split('\n').Select(l => "      " + l)), csv);

    public static async Task<MappedText> OfMapping(string mapping, string rows, string fileName = "rows.csv")
    {
        var mapper = Complaint.Compile(mapping, fileName);
        var statistics = new MappingStatistics();
        var mapped = new List<MappedRow>();
        var format = mapper.Format.Kind is FileKind.Unspecified ? mapper.Format with { Kind = FileKind.Csv } : mapper.Format;
        await using var reader = await RowFile.OpenAsync(new MemoryStream(Encoding.UTF8.GetBytes(rows)), format, mapper.Columns, TestContext.Current.CancellationToken);
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            mapped.Add(mapper.Map(reader, statistics));
        }

        return new MappedText { Mapper = mapper, Rows = mapped, Statistics = statistics };
    }

    public Value? Value(int row, string field) => Mapper.Field(Rows[row], field);
}
