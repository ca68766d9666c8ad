using System.Text.RegularExpressions;
using Exchange.Clients.Files;
using Exchange.Clients.Yaml;
using YamlDotNet.RepresentationModel;

namespace Exchange.Clients.Mapping;

/// <summary>Reads a mapping file's keys, noting everything that is wrong with its line.</summary>
internal static class MappingReader
{
    private static readonly Regex _reason = new("^[A-Z][A-Z0-9_]{0,60}$", RegexOptions.NonBacktracking);

    private static readonly Regex _comparison = new(@"^\s*([a-z][a-z0-9_]*)\s*(<=|>=|!=|=|<|>)\s*([a-z][a-z0-9_]*)\s*$", RegexOptions.NonBacktracking);

    public static MappingFile Read(YamlSection top, string name)
    {
        if (top.RequiredText("mapping") is not ("1" or ""))
        {
            top.Problem("mapping", "this program reads version 1 of the format; write `mapping: 1`");
        }

        var departments = Departments(top);
        var mapping = new MappingFile
        {
            Name = name,
            Resource = top.RequiredText("resource"),
            TimeZone = top.Text("time_zone"),
            OptionalColumns = top.Texts("optional_columns").ToHashSet(StringComparer.Ordinal),
            Departments = departments,
            Format = Format(top.Section("input"), out var rejectDuplicates),
            RejectDuplicates = rejectDuplicates,
            Parts = Parts(top, departments),
            Rules = [.. top.Sections("warnings").Select(Rule)],
        };
        top.Done();
        return mapping;
    }

    private static Dictionary<string, string> Departments(YamlSection top)
    {
        var departments = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!top.Has("departments"))
        {
            top.Problem("departments", "is missing; list every department this mapping may name, each with its source system, e.g. `hotline: hotline-tickets`");
        }

        foreach (var (id, system) in top.Map("departments"))
        {
            departments[id] = system ?? "";
        }

        return departments;
    }

    private static RowFormat Format(YamlSection? input, out bool rejectDuplicates)
    {
        rejectDuplicates = true;
        if (input is null)
        {
            return new RowFormat();
        }

        var delimiter = input.Text("delimiter") ?? ",";
        if (delimiter is not [< (char)128 and not ('"' or '\n' or '\r')])
        {
            input.Problem("delimiter", "must be one ASCII character, e.g. \",\" or \";\" or \"\\t\"");
            delimiter = ",";
        }

        rejectDuplicates = input.Word("duplicates", ("reject", true), ("keep", false));
        var format = new RowFormat
        {
            Kind = input.Word("format", ("by-name", FileKind.Unspecified), ("csv", FileKind.Csv), ("json", FileKind.Json), ("jsonl", FileKind.Json)),
            Encoding = input.Text("encoding") ?? "utf-8",
            Delimiter = delimiter[0],
            MaxCellBytes = input.Integer("max_cell_bytes", 1024, 64 << 20) ?? RowFormat.DefaultMaxCellBytes,
        };
        input.Done();
        return format;
    }

    private static List<PartMapping> Parts(YamlSection top, Dictionary<string, string> departments)
    {
        var parts = new List<PartMapping>();
        foreach (var section in top.Sections("parts"))
        {
            var part = Part(section, departments, parts);
            if (parts.Exists(p => p.Name == part.Name))
            {
                section.Problem("name", $"another part is called `{part.Name}` already");
            }

            foreach (var field in part.Fields.Where(f => parts.Exists(p => p.Fields.Any(g => g.Field == f.Field))))
            {
                section.Problem($"fields.{field.Field}", "is sent by an earlier part already; a field has one owner", field.Line);
            }

            parts.Add(part);
        }

        if (parts.Count == 0)
        {
            top.Problem("parts", "is missing; describe at least one department's push");
        }

        return parts;
    }

    private static PartMapping Part(YamlSection section, Dictionary<string, string> departments, List<PartMapping> earlier)
    {
        var department = section.Text("department");
        var departmentField = section.Text("department_field");
        var departmentBy = section.Section("department_by") is { } by ? Field("", by) : null;
        if ((department is null ? 0 : 1) + (departmentField is null ? 0 : 1) + (departmentBy is null ? 0 : 1) != 1)
        {
            section.Problem("department", "say one of `department` (for all rows), `department_by` (read out of columns) or `department_field` (a field of an earlier part that names it)");
        }

        if (department is not null && !departments.ContainsKey(department))
        {
            section.Problem("department", $"`{department}` is not listed under `departments`");
        }

        if (departmentField is not null && !earlier.Exists(p => p.Fields.Any(f => f.Field == departmentField)))
        {
            section.Problem("department_field", $"no earlier part sends `{departmentField}`");
        }

        var id = section.Texts("id");
        var openedAs = section.Text("opened_as");
        if (id.Count == 0 == openedAs is null)
        {
            section.Problem("id", "say either `id` (the column of the department's own number) or `opened_as` (the part that opened the record)");
        }

        if (openedAs is not null && !earlier.Exists(p => p.Name == openedAs && p.IdColumns.Count > 0))
        {
            section.Problem("opened_as", $"no earlier part with an `id` is called `{openedAs}`");
        }

        var part = new PartMapping
        {
            Name = section.RequiredText("name"),
            Department = department,
            DepartmentField = departmentField,
            DepartmentBy = departmentBy,
            SourceSystems = SourceSystems(section),
            IdColumns = id,
            IdSeparator = section.Text("id_separator") ?? "/",
            OpenedAs = openedAs,
            Fields = Fields(section),
            Line = section.Line,
            Key = section.Path,
        };
        string[] pushing = part.SourceSystems.Count > 0 ? [] : department is not null ? [department] : [.. departments.Keys.Order(StringComparer.Ordinal)];
        foreach (var name in pushing)
        {
            if (departments.TryGetValue(name, out var system) && system.Length == 0)
            {
                section.Problem("source_system", $"`{name}` has no source system; write it under `departments` as `{name}: its-system`");
            }
        }

        section.Done();
        return part;
    }

    private static List<KeyValuePair<string, string>> SourceSystems(YamlSection section)
    {
        foreach (var (key, node, line) in section.Entries)
        {
            if (key != "source_system")
            {
                continue;
            }

            if (node is YamlScalarNode scalar)
            {
                section.Has(key);
                return [new("*", scalar.Value ?? "")];
            }

            return [.. section.Map(key).Select(m => new KeyValuePair<string, string>(m.Key, m.Value ?? ""))];
        }

        return [];
    }

    private static List<FieldMapping> Fields(YamlSection part)
    {
        var fields = new List<FieldMapping>();
        var section = part.Section("fields");
        foreach (var (name, node, line) in section?.Entries ?? [])
        {
            if (section!.Member(name, node) is { } member)
            {
                fields.Add(Field(name, member));
            }
            else if (node is YamlScalarNode scalar && !YamlSection.IsNull(scalar))
            {
                fields.Add(Simple(name, scalar.Value!, line, $"{section.Path}.{name}"));
            }
            else
            {
                section.Problem(name, "must be a column's name, or keys such as `column`, `codes`, `formats`", line);
            }
        }

        if (fields.Count == 0)
        {
            part.Problem("fields", "is missing; name at least one field");
        }

        return fields;
    }

    private static FieldMapping Simple(string field, string column, long line, string key) =>
        new() { Field = field, Columns = [column], Join = " ", Items = [], Passages = [], Rules = [], Formats = [], Line = line, Key = key };

    private static FieldMapping Field(string name, YamlSection section)
    {
        var columns = section.Texts("columns");
        if (section.Text("column") is { } column)
        {
            columns = [column];
        }

        var latitude = section.Text("latitude");
        var longitude = section.Text("longitude");
        if (latitude is null != longitude is null)
        {
            section.Problem("latitude", "a point needs both `latitude` and `longitude`");
        }

        var items = section.Sections("list").Select(i => Field("", i)).ToArray();
        var constant = section.Text("value");
        var sources = (columns.Count > 0 ? 1 : 0) + (latitude is not null ? 1 : 0) + (items.Length > 0 ? 1 : 0) + (constant is not null ? 1 : 0);
        if (sources != 1)
        {
            section.Problem("column", "say where the value comes from with exactly one of `column`, `columns`, `value`, `list`, or `latitude` and `longitude`");
        }

        var mapping = new FieldMapping
        {
            Field = name,
            Columns = columns,
            Join = section.Text("join") ?? " ",
            Constant = constant,
            Point = latitude is not null && longitude is not null ? (latitude, longitude) : null,
            Items = items,
            Split = section.Text("split"),
            Item = section.Integer("item", -1000, 1000),
            Extract = Pattern(section, "extract"),
            PadZeros = section.Integer("pad_zeros", 1, 100) ?? 0,
            Prefix = section.Text("prefix") ?? "",
            Codes = section.Has("codes") ? section.Map("codes") : null,
            CodeSystem = section.Text("code_system"),
            Passages = [.. section.Texts("passages").Select(p => Pattern(section, "passages", p)).OfType<Regex>()],
            Rules = [.. section.Sections("rules").Select(TextRuleOf)],
            HasOtherwise = section.Has("otherwise"),
            Otherwise = section.Text("otherwise"),
            OtherwiseWarning = Reason(section, "otherwise_warning"),
            Default = section.Text("default"),
            ClearWhenEmpty = section.Word("when_empty", ("keep", false), ("clear", true)),
            Formats = section.Texts("formats"),
            Unless = section.Section("unless") is { } unless ? Unless(unless) : null,
            Line = section.Line,
            Key = section.Path,
        };
        if (mapping.HasOtherwise && mapping.Codes is null && mapping.Rules.Count == 0)
        {
            section.Problem("otherwise", "needs `codes` or `rules`; for an empty cell write `default`");
        }

        if (mapping.Codes is not null && mapping.Rules.Count > 0)
        {
            section.Problem("rules", "use either `codes` or `rules`");
        }

        if (mapping.Passages.Count > 0 && mapping.Rules.Count == 0)
        {
            section.Problem("passages", "needs `rules`");
        }

        section.Done();
        return mapping;
    }

    private static TextRule TextRuleOf(YamlSection section)
    {
        var rule = new TextRule(Pattern(section, "match") ?? new Regex("$^", RegexOptions.NonBacktracking), section.Text("to"));
        if (!section.Has("match"))
        {
            section.Problem("match", "is missing; write a regular expression");
        }

        if (!section.Has("to"))
        {
            section.Problem("to", "is missing; write the value, or ~ to leave the field out");
        }

        section.Done();
        return rule;
    }

    private static LeaveOut Unless(YamlSection section)
    {
        var unless = new LeaveOut(section.RequiredText("column"), Pattern(section, "match") ?? new Regex("", RegexOptions.NonBacktracking), Reason(section, "warning"));
        section.Done();
        return unless;
    }

    private static RowRule Rule(YamlSection section)
    {
        var when = section.RequiredText("when");
        var match = _comparison.Match(when);
        if (!match.Success && when.Length > 0)
        {
            section.Problem("when", "must compare two fields, e.g. `closed_at < accepted_at`");
        }

        var rule = new RowRule(match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value, Reason(section, "warning") ?? "", section.Line);
        if (!section.Has("warning"))
        {
            section.Problem("warning", "is missing; write a reason such as CLOSED_BEFORE_OPENED");
        }

        section.Done();
        return rule;
    }

    private static string? Reason(YamlSection section, string key)
    {
        var reason = section.Text(key);
        if (reason is not null && !_reason.IsMatch(reason))
        {
            section.Problem(key, "must be capital letters, digits and `_`, e.g. DEPARTMENT_DEFAULTED");
        }

        return reason;
    }

    private static Regex? Pattern(YamlSection section, string key) => section.Text(key) is { } pattern ? Pattern(section, key, pattern) : null;

    /// <summary>A pattern that runs in linear time whatever the text: no look-around and no back references.</summary>
    private static Regex? Pattern(YamlSection section, string key, string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            section.Problem(key, $"is no usable regular expression (look-around and back references are not allowed): {e.Message}");
            return null;
        }
    }
}
