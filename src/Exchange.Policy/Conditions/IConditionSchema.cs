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

    /// <summary>The condition that a name stands for where it is compared with `true` or `false`; null when the name is none of a condition.</summary>
    Condition? Define(string name) => null;

    /// <summary>What a value without quotes means that is a name, such as `caller.department`, beside this comparator; null when it is a value itself.</summary>
    NamedValue? ResolveValue(string text, string comparator) => null;
}
