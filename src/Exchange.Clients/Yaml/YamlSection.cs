using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Exchange.Clients.Yaml;

/// <summary>A YAML mapping that is read key by key; notes wrong and unknown keys with their lines.</summary>
internal sealed class YamlSection
{
    private readonly YamlMappingNode _node;
    private readonly List<FileProblem> _problems;
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    private YamlSection(YamlMappingNode node, string path, List<FileProblem> problems)
    {
        _node = node;
        Path = path;
        _problems = problems;
    }

    public string Path { get; }

    public long Line => _node.Start.Line;

    /// <summary>All keys in their order.</summary>
    public IEnumerable<(string Key, YamlNode Node, long Line)> Entries =>
        _node.Children.Select(c => (((YamlScalarNode)c.Key).Value ?? "", c.Value, (long)c.Key.Start.Line));

    /// <summary>Reads a file whose top is a mapping; <paramref name="read"/> notes problems, which are thrown together.</summary>
    public static async Task<T> ReadFileAsync<T>(string path, Func<YamlSection, T> read, CancellationToken cancellationToken) =>
        Parse(await File.ReadAllTextAsync(path, cancellationToken), System.IO.Path.GetFileName(path), read);

    /// <summary>As for a file.</summary>
    public static T Parse<T>(string text, string name, Func<YamlSection, T> read)
    {
        var problems = new List<FileProblem>();
        try
        {
            var yaml = new YamlStream();
            yaml.Load(new StringReader(text));
            if (yaml.Documents.Count == 1 && yaml.Documents[0].RootNode is YamlMappingNode root)
            {
                var result = read(new YamlSection(root, "", problems));
                if (problems.Count == 0)
                {
                    return result;
                }
            }
            else
            {
                problems.Add(new FileProblem(1, "", "the file must hold one mapping of keys to values"));
            }
        }
        catch (YamlException e)
        {
            problems.Add(new FileProblem(e.Start.Line, "", $"is no valid YAML: {e.Message}"));
        }

        throw new YamlFileException(name, [.. problems.OrderBy(p => p.Line)]);
    }

    public void Problem(string key, string message) => Problem(key, message, LineOf(key));

    public void Problem(string key, string message, long line) => _problems.Add(new FileProblem(line, Join(key), message));

    public bool Has(string key) => Find(key) is not null;

    public string? Text(string key)
    {
        switch (Find(key))
        {
            case null:
                return null;
            case YamlScalarNode scalar:
                return IsNull(scalar) ? null : scalar.Value;
            default:
                Problem(key, "must be a single value");
                return null;
        }
    }

    public string RequiredText(string key)
    {
        if (Text(key) is { Length: > 0 } text)
        {
            return text;
        }

        if (!_problems.Exists(p => p.Key == Join(key)))
        {
            Problem(key, "is missing; add it");
        }

        return "";
    }

    public int? Integer(string key, int least, int most)
    {
        if (Text(key) is not { } text)
        {
            return null;
        }

        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
        {
            return number;
        }

        Problem(key, $"must be a whole number from {least} to {most}");
        return null;
    }

    public bool Flag(string key)
    {
        switch (Text(key))
        {
            case null or "false":
                return false;
            case "true":
                return true;
            default:
                Problem(key, "must be true or false");
                return false;
        }
    }

    /// <summary>One of the given words as the enum member of that place; the first when absent.</summary>
    public T Word<T>(string key, params (string Word, T Value)[] words)
    {
        if (Text(key) is not { } text)
        {
            return words[0].Value;
        }

        foreach (var (word, value) in words)
        {
            if (string.Equals(word, text, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        Problem(key, $"`{text}` is not known; use one of {string.Join(", ", words.Select(w => w.Word))}");
        return words[0].Value;
    }

    /// <summary>A list of texts, or one text for a list of one; empty when absent.</summary>
    public IReadOnlyList<string> Texts(string key)
    {
        switch (Find(key))
        {
            case null:
                return [];
            case YamlScalarNode scalar:
                return IsNull(scalar) ? [] : [scalar.Value ?? ""];
            case YamlSequenceNode sequence when sequence.All(n => n is YamlScalarNode):
                return [.. sequence.Select(n => ((YamlScalarNode)n).Value ?? "")];
            default:
                Problem(key, "must be a text or a list of texts");
                return [];
        }
    }

    public YamlSection? Section(string key)
    {
        switch (Find(key))
        {
            case null:
                return null;
            case YamlMappingNode mapping:
                return new YamlSection(mapping, Join(key), _problems);
            default:
                Problem(key, "must hold keys and values");
                return null;
        }
    }

    public IReadOnlyList<YamlSection> Sections(string key)
    {
        switch (Find(key))
        {
            case null:
                return [];
            case YamlSequenceNode sequence when sequence.All(n => n is YamlMappingNode):
                return [.. sequence.Select((n, i) => new YamlSection((YamlMappingNode)n, $"{Join(key)}[{i}]", _problems))];
            default:
                Problem(key, "must be a list of entries, each with keys and values");
                return [];
        }
    }

    /// <summary>Key to text, e.g. a code map; empty when absent.</summary>
    public IReadOnlyDictionary<string, string?> Map(string key)
    {
        var map = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (name, node, line) in Section(key)?.Entries ?? [])
        {
            if (node is YamlScalarNode scalar)
            {
                map[name] = IsNull(scalar) ? null : scalar.Value;
            }
            else
            {
                Problem($"{key}.{name}", "must be a single value", line);
            }
        }

        return map;
    }

    /// <summary>A member that is a mapping, as a section; its line when it is a scalar.</summary>
    public YamlSection? Member(string key, YamlNode node)
    {
        _known.Add(key);
        return node is YamlMappingNode mapping ? new YamlSection(mapping, Join(key), _problems) : null;
    }

    /// <summary>Notes every key that was never asked for.</summary>
    public void Done()
    {
        foreach (var (key, _, line) in Entries.Where(e => !_known.Contains(e.Key)))
        {
            Problem(key, $"is not a known key here; known are {string.Join(", ", _known.Order(StringComparer.Ordinal))}", line);
        }
    }

    public static bool IsNull(YamlScalarNode scalar) => scalar.Style is ScalarStyle.Plain && scalar.Value is null or "" or "~" or "null";

    public long LineOf(string key) =>
        _node.Children.FirstOrDefault(c => c.Key is YamlScalarNode k && k.Value == key).Key?.Start.Line ?? Line;

    private YamlNode? Find(string key)
    {
        _known.Add(key);
        return _node.Children.FirstOrDefault(c => c.Key is YamlScalarNode k && k.Value == key).Value;
    }

    private string Join(string key) => Path.Length == 0 ? key : $"{Path}.{key}";
}
