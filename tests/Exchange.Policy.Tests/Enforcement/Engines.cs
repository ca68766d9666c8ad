using Exchange.Policy.Enforcement;
using Exchange.Policy.Language;

namespace Exchange.Policy.Tests.Enforcement;

/// <summary>Engines and models of texts, for tests.</summary>
internal static class Engines
{
    public const string Basic = """
        [request_definition]
        r = sub, obj, act
        [policy_definition]
        p = sub, obj, act
        [role_definition]
        g = _, _
        [policy_effect]
        e = some(where (p.eft == allow))
        [matchers]
        m = g(r.sub, p.sub) && r.obj == p.obj && r.act == p.act
        """;

    public static PolicyEngine Of(string model, string policy, PolicyOptions? options = null, params IReadOnlyCollection<EnforceContext> contexts) =>
        new(Snapshot(model, policy, options, contexts));

    public static PolicySnapshot Snapshot(string model, string policy, PolicyOptions? options = null, params IReadOnlyCollection<EnforceContext> contexts)
    {
        var built = Build(model, policy, options, contexts);
        return built.Value ?? throw new InvalidOperationException(built.Refusal!.ToString());
    }

    public static PolicyResult<PolicySnapshot> Build(string model, string policy, PolicyOptions? options = null, params IReadOnlyCollection<EnforceContext> contexts)
    {
        var parsed = PolicyModel.Parse(model);
        Assert.True(parsed.IsAccepted, parsed.Refusal?.ToString());
        var rules = PolicyRules.Parse(policy);
        Assert.True(rules.IsAccepted, rules.Refusal?.ToString());
        return PolicySnapshot.Build(parsed.Value, rules.Value, options, contexts);
    }

    /// <summary>The basic model with another matcher, effect or rule definition.</summary>
    public static string Model(string matcher, string request = "sub, obj, act", string policy = "sub, obj, act", string effect = "some(where (p.eft == allow))") =>
        $"""
        [request_definition]
        r = {request}
        [policy_definition]
        p = {policy}
        [role_definition]
        g = _, _
        [policy_effect]
        e = {effect}
        [matchers]
        m = {matcher}
        """;
}
