using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Exchange.Catalog;

/// <summary>One published revision of a resource (信息资源): immutable, fields in the order of their numbers.</summary>
public sealed class ResourceDefinition
{
    private readonly FrozenDictionary<string, int> _byName;
    private readonly FrozenDictionary<int, int> _byNumber;

    /// <summary>Sorts the fields by number. Two fields of one name or number are a bug here: the publish rules refuse them.</summary>
    public ResourceDefinition(ResourceId id, int revision, IEnumerable<FieldDefinition> fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        (Id, Revision) = (id, revision);
        Fields = [.. fields.OrderBy(field => field.Number)];
        _byName = Fields.Index().ToFrozenDictionary(item => item.Item.Name, item => item.Index, StringComparer.Ordinal);
        _byNumber = Fields.Index().ToFrozenDictionary(item => item.Item.Number, item => item.Index);
        SourcedFields = [];
        ConfidentialityFlag = Fields.FirstOrDefault(field => field is { Role: FieldRole.ConfidentialityFlag, Retired: false });
    }

    /// <summary>Its id.</summary>
    public ResourceId Id { get; }

    /// <summary>From 1, one more with each published change.</summary>
    public int Revision { get; }

    /// <summary>Fields in the order of their numbers, retired ones too.</summary>
    public ImmutableArray<FieldDefinition> Fields { get; }

    /// <summary>
    /// Numbers of CODE fields whose values may have their sources' codes beside them: their list maps some, or did while the resource was published. Not
    /// of the definition: <see cref="Governance.GovernanceState"/> knows it.
    /// </summary>
    public ImmutableSortedSet<int> SourcedFields { get; private set; }

    /// <summary>English name.</summary>
    public string DisplayName { get; init; } = "";

    /// <summary>Chinese name.</summary>
    public string DisplayNameZh { get; init; } = "";

    /// <summary>What it holds (摘要).</summary>
    public string Abstract { get; init; } = "";

    /// <summary>Department that keeps the definition.</summary>
    public required DepartmentId Department { get; init; }

    /// <summary>Category; null when it has none.</summary>
    public CategoryCode? Category { get; init; }

    /// <summary>Update cycle.</summary>
    public UpdateCycle UpdateCycle { get; init; }

    /// <summary>The rest of what the entry says.</summary>
    public ResourceDescription Description { get; init; } = ResourceDescription.None;

    /// <summary>When this revision was published.</summary>
    public DateTimeOffset PublishTime { get; init; }

    /// <summary>Changes with every revision.</summary>
    public string Etag => $"r{Revision}";

    /// <summary>The field that makes a record confidential; null when the resource has none.</summary>
    public FieldDefinition? ConfidentialityFlag { get; }

    /// <summary>The same revision where values of these fields too may have their sources' codes beside them.</summary>
    internal ResourceDefinition WithSourced(IEnumerable<int> numbers)
    {
        var sourced = SourcedFields.Union(numbers);
        if (sourced.Count == SourcedFields.Count)
        {
            return this;
        }

        var same = (ResourceDefinition)MemberwiseClone();
        same.SourcedFields = sourced;
        return same;
    }

    /// <summary>Place of a field in <see cref="Fields"/>; -1 when there is none of this name.</summary>
    public int IndexOf(string name) => _byName.GetValueOrDefault(name, -1);

    /// <summary>Place of a field in <see cref="Fields"/>; -1 when there is none of this number.</summary>
    public int IndexOf(int number) => _byNumber.GetValueOrDefault(number, -1);

    /// <summary>The field of this name.</summary>
    public bool TryGetField(string name, [NotNullWhen(true)] out FieldDefinition? field)
    {
        field = IndexOf(name) is var index and >= 0 ? Fields[index] : null;
        return field is not null;
    }

    /// <summary>The field of this number.</summary>
    public bool TryGetField(int number, [NotNullWhen(true)] out FieldDefinition? field)
    {
        field = IndexOf(number) is var index and >= 0 ? Fields[index] : null;
        return field is not null;
    }
}
