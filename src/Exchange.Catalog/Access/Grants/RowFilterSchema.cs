namespace Exchange.Catalog;

/// <summary>
/// What a grant's row filter may look at: system attributes and fields of levels 1 and 2, without text search. Events
/// carry the values that row conditions use unsealed, so levels 3 and 4 are not offered.
/// </summary>
public sealed class RowFilterSchema(ResourceDefinition resource) : IConditionSchema
{
    /// <inheritdoc/>
    public bool TryResolve(string name, out AttributeRef attribute)
    {
        if (resource.TryGetField(name, out var field))
        {
            attribute = new AttributeRef(field.Name, field.Number, field.Type);
            return !field.IsSealed;
        }

        attribute = SystemAttributes.All.FirstOrDefault(candidate => candidate.Name == name);
        return attribute.Number is not 0;
    }

    /// <inheritdoc/>
    public bool IsSearchable(AttributeRef attribute) => false;
}
