using Exchange.Policy.Matchers;

namespace Exchange.Bench.Policies;

/// <summary>An object with an owner, as in Casbin's ABAC example.</summary>
public sealed record BenchDocument(string Name, string Owner) : IPolicyAttributes
{
    /// <inheritdoc/>
    public bool TryGetAttribute(string name, out PolicyValue value)
    {
        value = name switch
        {
            nameof(Name) => Name,
            nameof(Owner) => Owner,
            _ => default,
        };
        return value.Kind is not PolicyValueKind.Missing;
    }
}
