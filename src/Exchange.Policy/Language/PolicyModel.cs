using System.Collections.Immutable;

namespace Exchange.Policy.Language;

/// <summary>A Casbin model: what a request and a rule consist of, the role relations, the matchers and the effects. Immutable.</summary>
public sealed class PolicyModel
{
    internal PolicyModel(ModelParts parts)
    {
        Requests = parts.Requests.ToImmutableDictionary();
        Policies = parts.Policies.ToImmutableDictionary();
        Roles = parts.Roles.ToImmutableDictionary();
        Effects = parts.Effects.ToImmutableDictionary();
        MatcherTexts = parts.Matchers.ToImmutableDictionary();
    }

    /// <summary>Request definitions by key (`r`, `r2`, …).</summary>
    public ImmutableDictionary<string, ModelDefinition> Requests { get; }

    /// <summary>Policy definitions by key (`p`, `p2`, …).</summary>
    public ImmutableDictionary<string, ModelDefinition> Policies { get; }

    /// <summary>Role relations by key (`g`, `g2`, …): 2 names, or 3 with a domain.</summary>
    public ImmutableDictionary<string, int> Roles { get; }

    /// <summary>Effects by key (`e`, `e2`, …).</summary>
    public ImmutableDictionary<string, PolicyEffect> Effects { get; }

    /// <summary>The matchers' expressions by key (`m`, `m2`, …).</summary>
    public IEnumerable<KeyValuePair<string, string>> Matchers => MatcherTexts.Select(static entry => KeyValuePair.Create(entry.Key, entry.Value.Text));

    internal ImmutableDictionary<string, SourceText> MatcherTexts { get; }

    /// <summary>Reads a model file.</summary>
    public static PolicyResult<PolicyModel> Parse(string text) => PolicyResult<PolicyModel>.From(() => new(ModelParser.Read(text)));
}
