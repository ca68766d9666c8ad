using System.Collections.Frozen;

namespace Exchange.Policy.Matchers;

/// <summary>Attributes kept in a table.</summary>
public sealed class PolicyAttributes(IEnumerable<KeyValuePair<string, PolicyValue>> values) : IPolicyAttributes
{
    private readonly FrozenDictionary<string, PolicyValue> values = values.ToFrozenDictionary(StringComparer.Ordinal);

    /// <inheritdoc/>
    public bool TryGetAttribute(string name, out PolicyValue value) => values.TryGetValue(name, out value);
}
