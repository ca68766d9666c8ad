namespace Exchange.Policy.Conditions;

/// <summary>The names a condition may use. The wall between this language and whoever defines fields.</summary>
public interface IConditionSchema
{
    /// <summary>Finds a field or system attribute by its exact name.</summary>
    bool TryResolve(string name, out AttributeRef attribute);

    /// <summary>True when `attribute : "phrase"` may search the attribute's text.</summary>
    bool IsSearchable(AttributeRef attribute);
}
