using System.Text.Json;
using System.Text.Json.Nodes;
using Exchange.Policy.Enforcement;
using Exchange.Policy.Matchers;

namespace Exchange.Policy.Tests.Differential;

/// <summary>A model, a policy and requests, as both implementations are asked about them. A request's value is a text or a table of attributes.</summary>
internal sealed record PolicyCase(string Family, string Model, string Policy, IReadOnlyList<object[]> Requests)
{
    /// <summary>The definitions that decide.</summary>
    public EnforceContext Context { get; init; } = EnforceContext.Default;

    /// <summary>True to be told the deciding rules instead of the answers.</summary>
    public bool Explain { get; init; }

    public string ToJson() => new JsonObject
    {
        ["model"] = Model,
        ["policy"] = Policy,
        ["context"] = new JsonArray(Context.Request, Context.Policy, Context.Effect, Context.Matcher),
        ["explain"] = Explain,
        ["requests"] = new JsonArray([.. Requests.Select(request => (JsonNode)new JsonArray([.. request.Select(value => JsonSerializer.SerializeToNode(value))]))]),
    }.ToJsonString();

    public static PolicyValue[] Values(object[] request) => [.. request.Select(Value)];

    private static PolicyValue Value(object value) => value switch
    {
        string text => text,
        int number => number,
        bool truth => truth,
        Dictionary<string, object> table => new PolicyAttributes(table.Select(entry => KeyValuePair.Create(entry.Key, Value(entry.Value)))),
        _ => throw new ArgumentException($"no value for {value.GetType()}", nameof(value)),
    };
}
