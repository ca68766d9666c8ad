namespace Exchange.Policy.Conditions;

/// <summary>
/// What a comparison looks at: a field by its number (1 to 9 999), or a system attribute of the record by a negative
/// number (<see cref="SystemAttributes"/>). The name is for people; the number decides.
/// </summary>
public readonly record struct AttributeRef(string Name, int Number, FieldType Type);
