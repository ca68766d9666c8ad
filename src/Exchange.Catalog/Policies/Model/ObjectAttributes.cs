using System.Collections.Immutable;
using Exchange.Policy.Matchers;

namespace Exchange.Catalog.Policies;

/// <summary>A field of one owner's records, as the hub's model sees it.</summary>
public sealed class ObjectAttributes : IPolicyAttributes
{
    private readonly ResourceDefinition _resource;
    private readonly FieldDefinition _field;
    private readonly PolicyValue _name;

    /// <summary>A field of a resource.</summary>
    public ObjectAttributes(ResourceDefinition resource, FieldDefinition field)
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(field);
        (_resource, _field, _name) = (resource, field, PolicyObject.Of(resource.Id, field.Name));
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

    /// <summary>This, as a value of a request.</summary>
    internal PolicyValue AsValue => PolicyValue.Of(this);

    /// <inheritdoc/>
    public bool TryGetAttribute(string name, out PolicyValue value)
    {
        value = name switch
        {
            "name" => _name,
            "resource" => _resource.Id.Value,
            "field" => _field.Name,
            "owner" => Owner?.Value ?? "",
            "department" => _resource.Department.Value,
            "level" => (int)Entry.Level,
            "sharing" => PolicyWords.Kebab(Entry.SharingClass),
            "open" => PolicyWords.Kebab(Entry.OpenClass),
            "person" => _field.Role is FieldRole.Person,
            "granted" => IsGranted,
            _ => default(PolicyValue),
        };
        return value.Kind is not PolicyValueKind.Missing;
    }
}
