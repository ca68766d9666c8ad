using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Exchange.Policy.Matchers;

namespace Exchange.Catalog.Policies;

/// <summary>A field of one owner's records, as the hub's model sees it.</summary>
public sealed class ObjectAttributes : IPolicyAttributes
{
    private readonly PolicyValue _name;

    /// <summary>A field of a resource.</summary>
    public ObjectAttributes(ResourceDefinition resource, FieldDefinition field)
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(field);
        (Resource, Field, Name) = (resource, field, PolicyObject.Of(resource.Id, field.Name));
        _name = Name;
    }

    /// <summary>What a department's row is about while that is no field: what conditions ask of it fails, but for owner and department, which are the row's.</summary>
    [SetsRequiredMembers]
    internal ObjectAttributes(PolicyRow row)
    {
        (Name, Owner, Entry) = (row.Object, row.Department, default!);
        _name = Name;
    }

    /// <summary>What conditions may ask of an object.</summary>
    public static ImmutableArray<string> Names { get; } =
        ["name", "resource", "field", "owner", "department", "level", "sharing", "open", "person", "granted"];

    /// <summary>The department whose records are asked about; null where no known department owns the field.</summary>
    public DepartmentId? Owner { get; init; }

    /// <summary>What stands on the owner's sharing list for the field.</summary>
    public required SharingEntry Entry { get; init; }

    /// <summary>True for the rows of an active grant of the owner for the field and the purpose.</summary>
    public bool IsGranted { get; init; }

    /// <summary>The resource; null where there is none yet.</summary>
    internal ResourceDefinition? Resource { get; }

    /// <summary>The field; null where there is none yet.</summary>
    internal FieldDefinition? Field { get; }

    /// <summary>The name by which the model's object relation knows it.</summary>
    internal string Name { get; }

    /// <summary>This, as a value of a request.</summary>
    internal PolicyValue AsValue => PolicyValue.Of(this);

    /// <inheritdoc/>
    public bool TryGetAttribute(string name, out PolicyValue value)
    {
        value = name switch
        {
            "name" => _name,
            "owner" => Owner?.Value ?? "",
            "department" => (Resource?.Department ?? Owner)?.Value ?? "",
            _ when Resource is null || Field is null => default(PolicyValue),
            "resource" => Resource.Id.Value,
            "field" => Field.Name,
            "level" => (int)Entry.Level,
            "sharing" => PolicyWords.Kebab(Entry.SharingClass),
            "open" => PolicyWords.Kebab(Entry.OpenClass),
            "person" => Field.Role is FieldRole.Person,
            "granted" => IsGranted,
            _ => default(PolicyValue),
        };
        return value.Kind is not PolicyValueKind.Missing;
    }
}
