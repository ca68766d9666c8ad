namespace Exchange.Clients.Yaml;

/// <summary>One thing wrong in a YAML file.</summary>
/// <param name="Line">Line, from 1.</param>
/// <param name="Key">Path of the key, e.g. `parts[0].fields.title.column`.</param>
/// <param name="Message">What is wrong and how to put it right.</param>
public sealed record FileProblem(long Line, string Key, string Message);
