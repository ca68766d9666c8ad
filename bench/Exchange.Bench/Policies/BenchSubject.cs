using Exchange.Policy.Matchers;

namespace Exchange.Bench.Policies;

/// <summary>A person whose attributes conditions read, as an application would hand one over. npm `casbin` gets the same as an object.</summary>
public sealed record BenchSubject(string Name, int Age, int Level, string Department) : IPolicyAttributes
{
    /// <inheritdoc/>
    public bool TryGetAttribute(string name, out PolicyValue value)
    {
        value = name switch
        {
            nameof(Name) => Name,
            nameof(Age) => Age,
            nameof(Level) => Level,
            nameof(Department) => Department,
            _ => default,
        };
        return value.Kind is not PolicyValueKind.Missing;
    }
}
