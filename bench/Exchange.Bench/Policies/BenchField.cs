using System.Text.Json.Serialization;
using Exchange.Policy.Matchers;

namespace Exchange.Bench.Policies;

/// <summary>A field as the hub describes it to its policies.</summary>
public sealed record BenchField(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("owner")] string Owner,
    [property: JsonPropertyName("department")] string Department,
    [property: JsonPropertyName("level")] int Level,
    [property: JsonPropertyName("sharing")] string Sharing,
    [property: JsonPropertyName("granted")] bool IsGranted) : IPolicyAttributes
{
    /// <inheritdoc/>
    public bool TryGetAttribute(string name, out PolicyValue value)
    {
        value = name switch
        {
            "name" => Name,
            "owner" => Owner,
            "department" => Department,
            "level" => Level,
            "sharing" => Sharing,
            "granted" => IsGranted,
            _ => default,
        };
        return value.Kind is not PolicyValueKind.Missing;
    }
}
