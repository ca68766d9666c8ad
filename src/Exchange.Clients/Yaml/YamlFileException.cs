namespace Exchange.Clients.Yaml;

/// <summary>A YAML file of ours (mapping, catalog) that cannot be used, with everything that is wrong in it.</summary>
public sealed class YamlFileException(string file, IReadOnlyList<FileProblem> problems)
    : Exception(string.Join('\n', problems.Select(p => $"{file}:{p.Line}: {(p.Key.Length == 0 ? "" : $"`{p.Key}`: ")}{p.Message}")))
{
    /// <summary>All problems, in the order of their lines.</summary>
    public IReadOnlyList<FileProblem> Problems { get; } = problems;
}
