namespace Exchange.Policy.Conditions;

/// <summary>A value as it stands in a filter, before it has a type.</summary>
internal readonly record struct WrittenValue(int Position, string Text, bool IsQuoted);
