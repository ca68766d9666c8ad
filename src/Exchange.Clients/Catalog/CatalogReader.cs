using Exchange.Clients.Yaml;
using Exchange.Protos.V1;

namespace Exchange.Clients.Catalog;

/// <summary>Reads a catalog file's keys, noting everything that is wrong with its line.</summary>
internal static class CatalogReader
{
    public static CatalogFile Read(YamlSection top, string name)
    {
        if (top.RequiredText("catalog") is not ("1" or ""))
        {
            top.Problem("catalog", "this program reads version 1 of the format; write `catalog: 1`");
        }

        var file = new CatalogFile
        {
            Name = name,
            Departments = [.. top.Sections("departments").Select(DepartmentOf)],
            Categories = [.. top.Sections("categories").Select(CategoryOf)],
            CodeLists = [.. top.Sections("code_lists").Select(CodeListOf)],
            Resources = [.. top.Sections("resources").Select(ResourceOf)],
            SharingLists = [.. top.Sections("sharing_lists").Select(SharingListOf)],
        };
        top.Done();
        return file;
    }

    private static Department DepartmentOf(YamlSection section)
    {
        var department = new Department
        {
            Name = $"departments/{section.RequiredText("id")}",
            DisplayName = section.RequiredText("display_name"),
            DisplayNameZh = section.Text("display_name_zh") ?? "",
            Level = Word<AdministrativeLevel>(section, "level"),
            Parent = Prefixed("departments/", section.Text("parent")),
            CreditCode = section.Text("credit_code") ?? "",
        };
        department.SourceSystems.Add(section.Texts("source_systems"));
        department.Attributes.Add(section.Map("attributes").ToDictionary(attribute => attribute.Key, attribute => attribute.Value ?? ""));
        section.Done();
        return department;
    }

    private static Category CategoryOf(YamlSection section)
    {
        var category = new Category
        {
            Name = $"categories/{section.RequiredText("code")}",
            DisplayName = section.RequiredText("display_name"),
            DisplayNameZh = section.Text("display_name_zh") ?? "",
            Parent = Prefixed("categories/", section.Text("parent")),
        };
        section.Done();
        return category;
    }

    private static CodeList CodeListOf(YamlSection section)
    {
        var list = new CodeList { Name = $"codeLists/{section.RequiredText("id")}" };
        foreach (var code in section.Sections("codes"))
        {
            list.Codes.Add(new Code
            {
                Code_ = code.RequiredText("code"),
                DisplayName = code.Text("display_name") ?? "",
                DisplayNameZh = code.Text("display_name_zh") ?? "",
                Retired = code.Flag("retired"),
            });
            code.Done();
        }

        foreach (var mapping in section.Sections("mappings"))
        {
            list.Mappings.Add(new CodeMapping
            {
                CodeSystem = mapping.RequiredText("code_system"), SourceCode = mapping.RequiredText("source_code"), Code = mapping.RequiredText("code"),
            });
            mapping.Done();
        }

        section.Done();
        return list;
    }

    private static Resource ResourceOf(YamlSection section)
    {
        var resource = new Resource
        {
            Name = $"resources/{section.RequiredText("id")}",
            DisplayName = section.RequiredText("display_name"),
            DisplayNameZh = section.Text("display_name_zh") ?? "",
            Abstract = section.RequiredText("abstract"),
            Department = Prefixed("departments/", section.RequiredText("department")),
            Category = Prefixed("categories/", section.Text("category")),
            UpdateCycle = Word<UpdateCycle>(section, "update_cycle"),
            Code = section.Text("code") ?? "",
            Format = Word<ResourceFormat>(section, "format"),
            SharingMode = Word<SharingMode>(section, "sharing_mode"),
            SourceSystem = section.Text("source_system") ?? "",
            Coverage = section.Text("coverage") ?? "",
            Contact = section.Text("contact") ?? "",
        };
        resource.PlatformModes.Add(section.Texts("platform_modes").Select(mode => WordIn<PlatformMode>(section, "platform_modes", mode)));
        resource.RelatedCodes.Add(section.Texts("related_codes"));
        foreach (var field in section.Sections("fields"))
        {
            var read = FieldOf(field);
            foreach (var text in field.Texts("quality"))
            {
                if (QualityRuleText.Read(text) is { } rule)
                {
                    read.QualityRules.Add(rule);
                }
                else
                {
                    field.Problem("quality", $"`{text}` is no rule; use {QualityRuleText.Forms}");
                }
            }

            resource.Fields.Add(read);
            field.Done();
        }

        if (resource.Fields.Count == 0)
        {
            section.Problem("fields", "is missing; a resource has at least one field");
        }

        section.Done();
        return resource;
    }

    private static Field FieldOf(YamlSection section) => new()
    {
        Name = section.RequiredText("name"),
        Number = section.Integer("number", 1, 9999) ?? 0,
        Type = Word<FieldType>(section, "type"),
        DisplayName = section.Text("display_name") ?? "",
        DisplayNameZh = section.Text("display_name_zh") ?? "",
        Owner = OwnerOf(section),
        Level = LevelOf(section),
        SharingClass = Word<SharingClass>(section, "sharing"),
        OpenClass = Word<OpenClass>(section, "open"),
        Condition = section.Text("condition") ?? "",
        Basis = BasisOf(section, "basis"),
        OpenCondition = section.Text("open_condition") ?? "",
        OpenBasis = BasisOf(section, "open_basis"),
        CodeList = Prefixed("codeLists/", section.Text("code_list")),
        MaxLength = section.Integer("max_length", 1, 1 << 20) ?? 0,
        Searchable = section.Flag("searchable"),
        Indexed = section.Flag("indexed"),
        Role = Word<FieldRole>(section, "role"),
        DefaultMask = MaskOf(section),
        Required = section.Flag("required"),
        Retired = section.Flag("retired"),
    };

    private static OwnerRule OwnerOf(YamlSection section)
    {
        switch (section.RequiredText("owner").Split(' ', 2))
        {
            case ["opener"]:
                return new OwnerRule { Opener = true };
            case ["department", var department]:
                return new OwnerRule { Department = $"departments/{department}" };
            case ["field", var field]:
                return new OwnerRule { DepartmentField = field };
            default:
                section.Problem("owner", "must be `opener`, `department <id>` or `field <name of the field that holds the department>`");
                return new OwnerRule();
        }
    }

    private static Level LevelOf(YamlSection section) => (Level)(section.Integer("level", 1, 4) ?? 0);

    private static Mask? MaskOf(YamlSection section)
    {
        if (section.Text("mask") is not { } text)
        {
            return null;
        }

        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var parameter = 0;
        if (words.Length is 1 or 2 && Parse<MaskKind>(words[0]) is { } kind && (words.Length == 1 || int.TryParse(words[1], out parameter)))
        {
            return new Mask { Kind = kind, Parameter = parameter };
        }

        section.Problem("mask", $"`{text}` is no mask; use one of {Words<MaskKind>()}, some with a number, e.g. `show-last-n 4`");
        return null;
    }

    private static Basis? BasisOf(YamlSection section, string key)
    {
        if (section.Text(key) is not { } text)
        {
            return null;
        }

        if (text.Split(' ', 2, StringSplitOptions.RemoveEmptyEntries) is [var word, var reason] && Parse<BasisKind>(word) is { } kind)
        {
            return new Basis { Kind = kind, Text = reason.Trim() };
        }

        section.Problem(key, $"must be one of {Words<BasisKind>()} and which law, document or reason, e.g. `law Archives Act, section 3`");
        return null;
    }

    private static SharingList SharingListOf(YamlSection section)
    {
        var list = new SharingList { Name = $"departments/{section.RequiredText("department")}/sharingLists/{section.RequiredText("resource")}" };
        foreach (var entry in section.Sections("entries"))
        {
            list.Entries.Add(new SharingEntry
            {
                Field = entry.RequiredText("field"),
                Level = LevelOf(entry),
                SharingClass = Word<SharingClass>(entry, "sharing"),
                Condition = entry.Text("condition") ?? "",
                Basis = BasisOf(entry, "basis"),
                SharingMode = Word<SharingMode>(entry, "sharing_mode"),
                OpenClass = Word<OpenClass>(entry, "open"),
                OpenCondition = entry.Text("open_condition") ?? "",
                OpenBasis = BasisOf(entry, "open_basis"),
                UpdateCycle = Word<UpdateCycle>(entry, "update_cycle"),
                Mask = MaskOf(entry),
            });
            entry.Done();
        }

        section.Done();
        return list;
    }

    private static string Prefixed(string prefix, string? id) => string.IsNullOrEmpty(id) ? "" : prefix + id;

    /// <summary>An enum's member by its name in the protos, lower case with `-`; unspecified when absent.</summary>
    private static T Word<T>(YamlSection section, string key)
        where T : struct, Enum =>
        section.Text(key) is { } word ? WordIn<T>(section, key, word) : default;

    private static T WordIn<T>(YamlSection section, string key, string word)
        where T : struct, Enum
    {
        if (Parse<T>(word) is { } value)
        {
            return value;
        }

        section.Problem(key, $"`{word}` is not known; use one of {Words<T>()}");
        return default;
    }

    private static T? Parse<T>(string word)
        where T : struct, Enum =>
        Enum.TryParse<T>(word.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal), ignoreCase: true, out var value)
        && !char.IsAsciiDigit(word[0]) && !EqualityComparer<T>.Default.Equals(value, default)
            ? value : null;

    private static string Words<T>()
        where T : struct, Enum =>
        string.Join(", ", Enum.GetNames<T>().Skip(1).Select(n => string.Concat(n.Select((c, i) => char.IsUpper(c) && i > 0 ? $"-{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"))));
}
