using Exchange.Clients.Catalog;
using Exchange.Clients.Mapping;
using Exchange.Protos.V1;

namespace Exchange.Clients.Tests.Support;

/// <summary>The published sample resource, and mappings compiled against it.</summary>
internal static class Complaint
{
    private static readonly Lazy<CatalogFile> _file = new(() => CatalogFile.Parse(File.ReadAllText(Repository.Sample("city/complaint.yaml")), "complaint.yaml"));

    public static Resource Resource => _file.Value.Resources[0];

    public static IReadOnlyDictionary<string, IReadOnlySet<string>> CodeLists =>
        _file.Value.CodeLists.ToDictionary(l => l.Name, l => (IReadOnlySet<string>)l.Codes.Select(c => c.Code_).ToHashSet());

    public static RowMapper Compile(string mapping, string fileName = "rows.csv") =>
        RowMapper.Compile(MappingFile.Parse(mapping, "test.yaml"), Resource, CodeLists, fileName);

    public static RowMapper CompileSample(string mapping, string fileName) =>
        RowMapper.Compile(MappingFile.Parse(File.ReadAllText(Repository.Sample($"mappings/{mapping}")), mapping), Resource, CodeLists, fileName);

    /// <summary>Value of a field in whichever part sends it.</summary>
    public static Value? Field(this RowMapper mapper, MappedRow row, string field)
    {
        for (var part = 0; part < mapper.Parts.Count; part++)
        {
            var place = mapper.FieldsOf(part).ToList().IndexOf(field);
            if (place >= 0)
            {
                return row.Parts[part]?.Record.Values[place] is { KindCase: not Value.KindOneofCase.None } value ? value : null;
            }
        }

        throw new ArgumentException($"no part sends {field}");
    }
}
