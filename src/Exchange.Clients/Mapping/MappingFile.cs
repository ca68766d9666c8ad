using Exchange.Clients.Files;
using Exchange.Clients.Yaml;

namespace Exchange.Clients.Mapping;

/// <summary>
/// How the rows of a file become records: a YAML file, described in samples/mappings/README.md. Checked against a
/// resource by <see cref="RowMapper"/>.
/// </summary>
public sealed record MappingFile
{
    /// <summary>Name of the file, for messages.</summary>
    public required string Name { get; init; }

    /// <summary>Id of the resource the rows are records of.</summary>
    public required string Resource { get; init; }

    /// <summary>How rows stand in the file.</summary>
    public required RowFormat Format { get; init; }

    /// <summary>True: of rows with one id only the first is taken. Costs about 50 bytes a row.</summary>
    public required bool RejectDuplicates { get; init; }

    /// <summary>IANA name of the zone of local times; null when the file has none.</summary>
    public string? TimeZone { get; init; }

    /// <summary>Every department the mapping may name, with the source system it pushes from.</summary>
    public required IReadOnlyDictionary<string, string> Departments { get; init; }

    /// <summary>Columns that a file may lack.</summary>
    public required IReadOnlySet<string> OptionalColumns { get; init; }

    /// <summary>Each one department's push, in the order they must be pushed.</summary>
    public required IReadOnlyList<PartMapping> Parts { get; init; }

    /// <summary>Doubts about a row's quality that are kept with the record.</summary>
    public required IReadOnlyList<RowRule> Rules { get; init; }

    /// <summary>True when a pattern of the mapping (`*` stands for anything) fits a file name.</summary>
    public static bool NameFits(string pattern, string fileName) => MappingCheck.Fits(pattern, fileName);

    /// <summary>Reads a mapping.</summary>
    /// <exception cref="YamlFileException">With everything that is wrong in it.</exception>
    public static Task<MappingFile> ReadAsync(string path, CancellationToken cancellationToken) =>
        YamlSection.ReadFileAsync(path, top => MappingReader.Read(top, Path.GetFileName(path)), cancellationToken);

    /// <summary>Reads a mapping from its text.</summary>
    /// <exception cref="YamlFileException">With everything that is wrong in it.</exception>
    public static MappingFile Parse(string text, string name) => YamlSection.Parse(text, name, top => MappingReader.Read(top, name));
}
