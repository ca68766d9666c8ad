namespace Exchange.Catalog.Access;

/// <summary>
/// What a reader's filter may name: system attributes, and fields that the reader's plan allows without a mask in every row it
/// may see. Other fields are refused with the reason and the next step.
/// </summary>
public sealed class FilterSchema(AccessPlan plan, FilterUse use) : IConditionSchema
{
    /// <inheritdoc/>
    public bool TryResolve(string name, out AttributeRef attribute)
    {
        if (plan.Resource.TryGetField(name, out var field))
        {
            attribute = new(field.Name, field.Number, field.Type);
            return true;
        }

        attribute = SystemAttributes.All.FirstOrDefault(candidate => candidate.Name == name);
        return attribute.Number is not 0;
    }

    /// <inheritdoc/>
    public bool IsSearchable(AttributeRef attribute) =>
        use is FilterUse.Pull && plan.Resource.TryGetField(attribute.Number, out var field) && field.Searchable;

    /// <inheritdoc/>
    public string? Refuse(AttributeRef attribute)
    {
        if (!plan.Resource.TryGetField(attribute.Number, out var field))
        {
            return null;
        }

        if (!plan.CanFilterBy(field.Number))
        {
            var step = plan.Fields[plan.Resource.IndexOf(field.Number)].NextStep;
            return $"you may not read `{field.Name}` unmasked in every record you see{(step.Length > 0 ? $": {step}" : "")}";
        }

        return use is FilterUse.Follow && field.IsSealed ? $"a feed is not filtered by `{field.Name}`, a field of level 3 or 4: follow without it, from a pull without it" : null;
    }
}
