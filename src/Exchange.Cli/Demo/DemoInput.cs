using Exchange.Cli.Terminal;
using Exchange.Clients.Mapping;

namespace Exchange.Cli.Demo;

/// <summary>What the demo pushes: files and the mapping that goes with them.</summary>
/// <param name="Mapping">The mapping.</param>
/// <param name="Files">The files.</param>
/// <param name="IsGenerated">True for a city that was made up.</param>
internal sealed record DemoInput(MappingFile Mapping, IReadOnlyList<string> Files, bool IsGenerated)
{
    /// <summary>Names of the files of a named folder that the mapping does not name, and that are therefore not read.</summary>
    public IReadOnlyList<string> Skipped { get; init; } = [];

    private const int GeneratedRows = 3000;
    private const int Seed = 12345;

    /// <summary>The files that were named (a folder stands for those files in it that the mapping names), or a generated city.</summary>
    public static async Task<DemoInput> FindAsync(string[] data, string? mapping, string folder, string samples, CancellationToken cancellationToken)
    {
        if (data.Length == 0 != mapping is null)
        {
            throw new UsageException("--data and --mapping go together");
        }

        if (mapping is null)
        {
            var path = Path.Combine(folder, "generated-city.csv.gz");
            GeneratedCity.Write(path, GeneratedRows, Seed);
            var generated = await MappingFile.ReadAsync(Path.Combine(samples, "mappings", GeneratedCity.Mapping), cancellationToken);
            return new DemoInput(generated, [path], true);
        }

        var read = await MappingFile.ReadAsync(mapping, cancellationToken);
        var patterns = read.Parts.SelectMany(p => p.SourceSystems).Select(s => s.Key).Where(p => p != "*").ToArray();
        bool Fits(string file) => patterns.Any(p => MappingFile.NameFits(p, Path.GetFileName(file)));
        var inFolders = data.Where(Directory.Exists).SelectMany(d => Directory.GetFiles(d).Order(StringComparer.Ordinal)).ToLookup(Fits);
        string[] files = [.. data.Where(d => !Directory.Exists(d)), .. inFolders[true]];
        var missing = files.FirstOrDefault(f => !File.Exists(f));
        return missing is not null ? throw new UsageException($"there is no file `{missing}`")
            : files.Length == 0 ? throw new UsageException("no file of the folder is one that the mapping names under `source_system`")
            : new DemoInput(read, files, false) { Skipped = [.. inFolders[false].Select(f => Path.GetFileName(f))] };
    }
}
