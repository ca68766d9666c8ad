using Exchange.Clients.Yaml;
using Exchange.Protos.V1;

namespace Exchange.Clients.Catalog;

/// <summary>
/// What a city publishes, as a YAML file: departments, categories, code lists, resources and sharing lists, each section
/// optional. Described in samples/city/README.md.
/// </summary>
public sealed record CatalogFile
{
    /// <summary>Name of the file, for messages.</summary>
    public required string Name { get; init; }

    /// <summary>Departments, parents first.</summary>
    public required IReadOnlyList<Department> Departments { get; init; }

    /// <summary>Categories, parents first.</summary>
    public required IReadOnlyList<Category> Categories { get; init; }

    /// <summary>Code lists.</summary>
    public required IReadOnlyList<CodeList> CodeLists { get; init; }

    /// <summary>Resources.</summary>
    public required IReadOnlyList<Resource> Resources { get; init; }

    /// <summary>Sharing lists.</summary>
    public required IReadOnlyList<SharingList> SharingLists { get; init; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="YamlFileException">With everything that is wrong in it.</exception>
    public static Task<CatalogFile> ReadAsync(string path, CancellationToken cancellationToken) =>
        YamlSection.ReadFileAsync(path, top => CatalogReader.Read(top, Path.GetFileName(path)), cancellationToken);

    /// <summary>Reads a file's text.</summary>
    /// <exception cref="YamlFileException">With everything that is wrong in it.</exception>
    public static CatalogFile Parse(string text, string name) => YamlSection.Parse(text, name, top => CatalogReader.Read(top, name));
}
