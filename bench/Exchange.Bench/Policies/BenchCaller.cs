using System.Text.Json.Serialization;
using Exchange.Policy.Matchers;

namespace Exchange.Bench.Policies;

/// <summary>A caller as the hub describes it to its policies.</summary>
public sealed record BenchCaller(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("department")] string Department,
    [property: JsonPropertyName("level")] string Level,
    [property: JsonPropertyName("role")] string Role) : IPolicyAttributes
{
    /// <inheritdoc/>
    public bool TryGetAttribute(string name, out PolicyValue value)
    {
        value = name switch
        {
            "name" => Name,
            "department" => Department,
            "level" => Level,
            "role" => Role,
            _ => default,
        };
        return value.Kind is not PolicyValueKind.Missing;
    }
}
