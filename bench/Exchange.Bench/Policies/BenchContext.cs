using System.Text.Json.Serialization;
using Exchange.Policy.Matchers;

namespace Exchange.Bench.Policies;

/// <summary>The circumstances of a request as the hub describes them to its policies.</summary>
public sealed record BenchContext(
    [property: JsonPropertyName("purpose")] string Purpose,
    [property: JsonPropertyName("channel")] string Channel) : IPolicyAttributes
{
    /// <inheritdoc/>
    public bool TryGetAttribute(string name, out PolicyValue value)
    {
        value = name switch
        {
            "purpose" => Purpose,
            "channel" => Channel,
            _ => default,
        };
        return value.Kind is not PolicyValueKind.Missing;
    }
}
