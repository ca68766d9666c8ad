using System.Text.RegularExpressions;
using Exchange.Clients.Files;
using Exchange.Clients.Yaml;
using Exchange.Protos.V1;
using NodaTime;

namespace Exchange.Clients.Mapping;

/// <summary>Checks a mapping against the resource and the file it is used for, and makes the readers of its fields.</summary>
internal sealed class MappingCheck
{
    private readonly MappingFile _mapping;
    private readonly string _fileName;
    private readonly IReadOnlyDictionary<string, IReadOnlySet<string>> _codeLists;
    private readonly List<FileProblem> _problems = [];
    private readonly Dictionary<FieldMapping, (FieldType Type, ValueReader Values)> _readers = new(ReferenceEqualityComparer.Instance);

    public MappingCheck(
        MappingFile mapping, Resource resource, IReadOnlyDictionary<string, IReadOnlySet<string>> codeLists, string fileName)
    {
        _mapping = mapping;
        _fileName = fileName;
        _codeLists = codeLists;
        if (resource.Name != $"resources/{mapping.Resource}")
        {
            Note(1, "resource", $"is `{mapping.Resource}`, but the mapping is used for `{resource.Name}`");
        }

        var zone = Zone();
        var fields = resource.Fields.ToDictionary(f => f.Name, StringComparer.Ordinal);
        var departmentFields = resource.Fields.Select(f => f.Owner?.DepartmentField).Concat(mapping.Parts.Select(p => p.DepartmentField))
            .OfType<string>().ToHashSet(StringComparer.Ordinal);
        foreach (var part in mapping.Parts)
        {
            if (SourceSystem(part) is null && part.SourceSystems.Count > 0)
            {
                Note(part.Line, $"{part.Key}.source_system", $"no pattern fits the file name `{fileName}`; add one, or `*` for all others");
            }

            if (part.DepartmentBy is { } by)
            {
                CheckTargets(by, new Field { Type = FieldType.Text }, namesDepartment: true);
                _readers[by] = (FieldType.Text, ValueReader.Create(FieldType.Text, by.Formats, zone, out _)!);
            }

            foreach (var field in part.Fields)
            {
                Check(field, fields, departmentFields, zone);
            }
        }

        foreach (var rule in mapping.Rules)
        {
            foreach (var name in new[] { rule.Left, rule.Right }.Where(n => !mapping.Parts.Any(p => p.Fields.Any(f => f.Field == n))))
            {
                Note(rule.Line, "warnings", $"compares `{name}`, which no part sends");
            }
        }
    }

    public void ThrowIfAny()
    {
        if (_problems.Count > 0)
        {
            throw new YamlFileException(_mapping.Name, [.. _problems.OrderBy(p => p.Line)]);
        }
    }

    public FieldReader Reader(FieldMapping field, Func<string, int> slot)
    {
        var (type, values) = _readers[field];
        return new FieldReader(field, type, values, slot);
    }

    /// <summary>The part's source system for this file; null when each department has its own.</summary>
    public string? SourceSystem(PartMapping part)
    {
        foreach (var (pattern, system) in part.SourceSystems)
        {
            if (Fits(pattern, _fileName))
            {
                return system;
            }
        }

        return part.Department is { } department && part.SourceSystems.Count == 0 ? _mapping.Departments.GetValueOrDefault(department) : null;
    }

    public static bool Fits(string pattern, string fileName) =>
        Regex.IsMatch(fileName, $"^{Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal)}$", RegexOptions.NonBacktracking);

    /// <summary>Every value that the mapping itself writes, rather than the file.</summary>
    private static string[] Targets(FieldMapping field)
    {
        string?[] targets = [field.Constant, field.Default, field.Otherwise, .. field.Codes?.Values ?? [], .. field.Rules.Select(r => r.Value)];
        return [.. targets.OfType<string>().Distinct()];
    }

    private DateTimeZone? Zone()
    {
        if (_mapping.TimeZone is not { } name)
        {
            return null;
        }

        var zone = DateTimeZoneProviders.Tzdb.GetZoneOrNull(name);
        if (zone is null)
        {
            Note(1, "time_zone", $"`{name}` is no IANA time zone; write e.g. Asia/Shanghai or America/New_York");
        }

        return zone;
    }

    private void Check(FieldMapping field, Dictionary<string, Field> fields, HashSet<string> departmentFields, DateTimeZone? zone)
    {
        if (!fields.TryGetValue(field.Field, out var definition))
        {
            var near = fields.Keys.Where(k => k.Contains(field.Field, StringComparison.Ordinal) || field.Field.Contains(k, StringComparison.Ordinal)).ToArray();
            Note(field.Line, field.Key, $"the resource has no field `{field.Field}`{(near.Length > 0 ? $"; did you mean `{near[0]}`?" : $"; it has {string.Join(", ", fields.Keys.Order(StringComparer.Ordinal))}")}");
            return;
        }

        if (definition.Retired)
        {
            Note(field.Line, field.Key, $"`{field.Field}` is retired and takes no values any more; remove it");
        }

        if (field.Point is not null != (definition.Type is FieldType.Point && field.Columns.Count == 0 && field.Constant is null))
        {
            Note(field.Line, field.Key, $"`latitude` and `longitude` are for points; `{field.Field}` is {definition.Type}");
        }

        if (field.Items.Count > 0 && definition.Type is not FieldType.TextList)
        {
            Note(field.Line, field.Key, $"`list` is for text lists; `{field.Field}` is {definition.Type}");
        }

        if (field.CodeSystem is not null && (definition.Type is not FieldType.Code || departmentFields.Contains(field.Field)))
        {
            Note(field.Line, $"{field.Key}.code_system", $"is for codes that the hub maps; `{field.Field}` {(definition.Type is FieldType.Code ? "names a department" : $"is {definition.Type}")}");
        }

        CheckTargets(field, definition, departmentFields.Contains(field.Field));
        if (ValueReader.Create(definition.Type, field.Formats, zone, out var problem) is { } values)
        {
            _readers[field] = (definition.Type, values);
            CheckConstants(field, values);
        }
        else
        {
            Note(field.Line, field.Key, problem);
        }
    }

    private void CheckTargets(FieldMapping field, Field definition, bool namesDepartment)
    {
        var targets = Targets(field);
        if (namesDepartment)
        {
            foreach (var target in targets.Where(t => !_mapping.Departments.ContainsKey(t)))
            {
                Note(field.Line, field.Key, $"`{target}` is not listed under `departments`; a mapping names known departments only");
            }

            if (field.Constant is null && field.Codes is null && field.Rules.Count == 0)
            {
                Note(field.Line, field.Key, "would take departments from the file as they stand there; map them to listed departments with `codes` or `rules`");
            }
        }

        if (definition.Type is FieldType.Code && field.CodeSystem is null && _codeLists.TryGetValue(definition.CodeList, out var codes))
        {
            foreach (var target in targets.Where(t => !codes.Contains(t)))
            {
                Note(field.Line, field.Key, $"`{target}` is no code of `{definition.CodeList}`");
            }
        }
    }

    private void CheckConstants(FieldMapping field, ValueReader values)
    {
        foreach (var constant in Targets(field))
        {
            var problems = new List<RowProblem>();
            values.Read(constant, "", [], problems);
            if (problems.Count > 0)
            {
                Note(field.Line, field.Key, $"`{constant}` {problems[0].Message}");
            }
        }
    }

    private void Note(long line, string key, string message) => _problems.Add(new FileProblem(line, key, message));
}
