namespace Exchange.Clients.Mapping;

/// <summary>The part of a row that one department pushes.</summary>
public sealed record PartMapping
{
    /// <summary>Name, unique in the mapping.</summary>
    public required string Name { get; init; }

    /// <summary>The department that pushes it; null when the row names it.</summary>
    public string? Department { get; init; }

    /// <summary>Reads the department out of the row's columns; null when it stands elsewhere.</summary>
    public FieldMapping? DepartmentBy { get; init; }

    /// <summary>A field of an earlier part whose value is the department that pushes this one; rows without it have no such part.</summary>
    public string? DepartmentField { get; init; }

    /// <summary>Source system by a pattern of the file's name (`*` stands for anything); empty takes the department's own.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> SourceSystems { get; init; }

    /// <summary>Columns that make up the department's own id of the record; empty when <see cref="OpenedAs"/> tells it.</summary>
    public required IReadOnlyList<string> IdColumns { get; init; }

    /// <summary>What stands between several id columns.</summary>
    public required string IdSeparator { get; init; }

    /// <summary>Name of the part that opens the record, which is then referred to by that part's system and id.</summary>
    public string? OpenedAs { get; init; }

    /// <summary>The fields it sends.</summary>
    public required IReadOnlyList<FieldMapping> Fields { get; init; }

    /// <summary>Line of the file, for messages.</summary>
    public required long Line { get; init; }

    /// <summary>Path of the key, for messages.</summary>
    public required string Key { get; init; }
}
