namespace Exchange.Policy.Conditions;

/// <summary>The names a condition may use. The wall between this language and whoever defines fields.</summary>
public interface IConditionSchema
{
    /// <summary>Finds a field or system attribute by its exact name.</summary>
    bool TryResolve(string name, out AttributeRef attribute);

    /// <summary>True when `attribute : "phrase"` may search the attribute's text.</summary>
    bool IsSearchable(AttributeRef attribute);

    /// <summary>Why the caller may not use the attribute in a condition although it exists; null when it may.</summary>
    string? Refuse(AttributeRef attribute) => null;
}
