using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Exchange.Policy.Enforcement;
using Exchange.Policy.Matchers;
using Exchange.Policy.Roles;

namespace Exchange.Policy.Tests.Differential;

/// <summary>A model, a policy and requests, as both implementations are asked about them. A request's value is a text, a number, a truth value, null or a table of attributes.</summary>
internal sealed record PolicyCase(string Family, string Model, string Policy, IReadOnlyList<object?[]> Requests)
{
    // As in casbin-decisions.cjs.
    private static readonly PolicyFunctions Functions = PolicyFunctions.Casbin
        .With("startsWith", 2, static arguments => arguments[0].AsText.StartsWith(arguments[1].AsText, StringComparison.Ordinal))
        .With("initial", 1, static arguments => arguments[0].AsText[..1])
        .With("lengthOf", 1, static arguments => arguments[0].AsText.Length)
        .With("known", 1, static arguments => arguments[0].AsText is "eve" ? throw new InvalidOperationException("unknown") : arguments[0]);

    /// <summary>The definitions that decide.</summary>
    public EnforceContext Context { get; init; } = EnforceContext.Default;

    /// <summary>Role relations whose names or domains are patterns.</summary>
    public ImmutableDictionary<string, RolePatterns> RolePatterns { get; init; } = ImmutableDictionary<string, RolePatterns>.Empty;

    /// <summary>True to be told the deciding rules instead of the answers.</summary>
    public bool Explain { get; init; }

    /// <summary>True where values are missing: a failure, and what the package takes for false instead, are both a no.</summary>
    public bool FailuresDeny { get; init; }

    public PolicyOptions Options => new() { Functions = Functions, RolePatterns = RolePatterns };

    public string ToJson() => new JsonObject
    {
        ["model"] = Model,
        ["policy"] = Policy,
        ["context"] = new JsonArray(Context.Request, Context.Policy, Context.Effect, Context.Matcher),
        ["rolePatterns"] = new JsonObject(RolePatterns.Select(static entry => KeyValuePair.Create(entry.Key, (JsonNode?)new JsonObject { ["names"] = entry.Value.Names, ["domains"] = entry.Value.Domains }))),
        ["explain"] = Explain,
        ["requests"] = new JsonArray([.. Requests.Select(request => (JsonNode)new JsonArray([.. request.Select(value => JsonSerializer.SerializeToNode(value))]))]),
    }.ToJsonString();

    public static PolicyValue[] Values(object?[] request) => [.. request.Select(Value)];

    private static PolicyValue Value(object? value) => value switch
    {
        null => default,
        string text => text,
        int number => number,
        double number => number,
        bool truth => truth,
        Dictionary<string, object?> table => new PolicyAttributes(table.Select(entry => KeyValuePair.Create(entry.Key, Value(entry.Value)))),
        _ => throw new ArgumentException($"no value for {value.GetType()}", nameof(value)),
    };
}
