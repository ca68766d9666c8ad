using System.Text.Json.Serialization;

namespace Exchange.Bench.Reporting;

/// <summary>One round: the hub's figure and the limit's, measured one right after the other.</summary>
/// <param name="Hub">The hub's figure.</param>
/// <param name="Limit">The limit's figure; null where there is none.</param>
public readonly record struct BenchRound([property: JsonPropertyName("hub")] double Hub, [property: JsonPropertyName("limit")] double? Limit);
