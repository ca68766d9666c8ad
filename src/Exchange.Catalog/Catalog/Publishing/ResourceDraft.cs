using System.Collections.Immutable;

namespace Exchange.Catalog;

/// <summary>
/// A definition as somebody asks to publish it: nothing in it is checked yet. An owner rule that was not given is a
/// <see cref="OwnerRule.Department"/> with an empty id.
/// </summary>
public sealed record ResourceDraft
{
    /// <summary>Id asked for.</summary>
    public required ResourceId Id { get; init; }

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

    /// <summary>Fields in the order of the request.</summary>
    public required ImmutableArray<FieldDefinition> Fields { get; init; }

    /// <summary>Update cycle.</summary>
    public UpdateCycle UpdateCycle { get; init; }

    /// <summary>The rest of what the entry says; a code is given, or left for the hub to give.</summary>
    public ResourceDescription Description { get; init; } = ResourceDescription.None;

    /// <summary>Etag of the revision it was made from; empty when the publisher does not mind.</summary>
    public string Etag { get; init; } = "";

    /// <summary>What it comes to, to be looked at: of revision 0, without fields whose name or number stands there twice.</summary>
    public ResourceDefinition Preview() => ToDefinition(0, Fields.DistinctBy(field => field.Number).DistinctBy(field => field.Name), Description.Code, default);

    /// <summary>What it says as a revision; fields, code and time are those given.</summary>
    public ResourceDefinition ToDefinition(int revision, IEnumerable<FieldDefinition> fields, ResourceCode? code, DateTimeOffset publishTime) => new(Id, revision, fields)
    {
        DisplayName = DisplayName,
        DisplayNameZh = DisplayNameZh,
        Abstract = Abstract,
        Department = Department,
        Category = Category,
        UpdateCycle = UpdateCycle,
        Description = Description with { Code = code },
        PublishTime = publishTime,
    };
}
