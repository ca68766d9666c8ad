using System.Collections.Immutable;

namespace Exchange.Catalog.Audit;

/// <summary>Which of the fields that somebody read a department owned.</summary>
public static class OwnedFields
{
    /// <summary>How a record's opener stands among the rules by which somebody owned fields; otherwise it is the field that names the owner.</summary>
    public const string ByOpener = "";

    /// <summary>
    /// The department's own among these fields, in their order. An owner rule stands for good, so that the catalog of now tells it of earlier
    /// reads; whose records were read it cannot tell.
    /// </summary>
    /// <param name="resource">The resource's last revision.</param>
    /// <param name="fields">Names of the fields read; names the resource never had are nobody's.</param>
    /// <param name="owner">The department.</param>
    /// <param name="by">
    /// By which rules it owned fields of the records read; null when that is not known: then every department may have owned what depends on the
    /// record, but only one with source systems may have opened it.
    /// </param>
    public static ImmutableArray<string> Of(ResourceDefinition resource, IEnumerable<string> fields, Department owner, IReadOnlyCollection<string>? by)
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(fields);
        ArgumentNullException.ThrowIfNull(owner);
        return [.. fields.Where(name => resource.TryGetField(name, out var field) && IsOwned(field, owner, by))];
    }

    /// <summary>True when the department owns the field in every record.</summary>
    public static bool IsFixed(ResourceDefinition resource, string field, DepartmentId owner)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return resource.TryGetField(field, out var found) && found.Owner is OwnerRule.Department { Id: var id } && id == owner;
    }

    private static bool IsOwned(FieldDefinition field, Department owner, IReadOnlyCollection<string>? by) => field.Owner switch
    {
        OwnerRule.Department { Id: var id } => id == owner.Id,
        OwnerRule.DepartmentField { FieldName: var name } => by?.Contains(name) ?? true,
        _ => by?.Contains(ByOpener) ?? !owner.SourceSystems.IsEmpty,
    };
}
