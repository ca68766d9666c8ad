using System.Collections.Immutable;
using Exchange.Policy.Language;
using Exchange.Policy.Matchers;
using Exchange.Policy.Roles;

namespace Exchange.Policy.Enforcement;

/// <summary>A model with its policy, roles and compiled matchers: everything a decision needs. Immutable; a change makes a new one.</summary>
public sealed class PolicySnapshot
{
    private readonly SymbolTable symbols = new();
    private readonly Dictionary<string, RoleGraph> graphs = [];
    private readonly Dictionary<(string Policy, bool BySubject), RuleSet> rules = [];
    private readonly ImmutableDictionary<EnforceContext, CompiledMatcher> matchers;
    private readonly CompiledMatcher? defaultMatcher;

    private PolicySnapshot(PolicyModel model, PolicyRules policy, PolicyOptions options, IReadOnlyCollection<EnforceContext> contexts)
    {
        (Model, Policy) = (model, policy);
        var rows = policy.Rows.ToLookup(static row => row.Type);
        foreach (var row in policy.Rows)
        {
            CheckRow(row);
        }

        if (options.RolePatterns.FirstOrDefault(entry => !IsRelation(entry.Key, entry.Value)) is { Key: { } unknown })
        {
            throw new ArgumentException($"the model has no role relation `{unknown}`, or none with the domains that patterns are given for", nameof(options));
        }

        foreach (var (key, names) in model.Roles)
        {
            var patterns = options.RolePatterns.GetValueOrDefault(key);
            graphs[key] = new RoleGraph(names, [.. rows[key]], symbols, PatternOf(options, patterns?.Names), PatternOf(options, patterns?.Domains), options.MaxHierarchyLevel);
        }

        foreach (var (key, definition) in model.Policies)
        {
            rules[(key, false)] = RuleSet.Create(definition, rows[key], null);
        }

        var bySubject = contexts.Select(Parts).Where(static parts => parts.Order.BySubject).DistinctBy(static parts => parts.Order).ToList();
        var levels = bySubject.Count > 0 ? new SubjectLevels([.. rows["g"]]) : null;
        foreach (var parts in bySubject)
        {
            rules[parts.Order] = RuleSet.Create(parts.Policy, rows[parts.Policy.Key], levels);
        }

        foreach (var value in rules.Values.SelectMany(static set => set.Rules).SelectMany(static rule => rule.Values))
        {
            symbols.Add(value);
        }

        matchers = contexts.ToImmutableDictionary(static context => context, context => Compile(context, options));
        defaultMatcher = matchers.GetValueOrDefault(EnforceContext.Default);
    }

    /// <summary>The model.</summary>
    public PolicyModel Model { get; }

    /// <summary>The policy.</summary>
    public PolicyRules Policy { get; }

    /// <summary>
    /// Builds a snapshot for the contexts given; without any, for `r p e m` and every numbered set that the model has (`m2` with `r2`,
    /// `p2`, `e2`, or the plain one where a number is not defined).
    /// </summary>
    public static PolicyResult<PolicySnapshot> Build(PolicyModel model, PolicyRules policy, PolicyOptions? options = null, params IReadOnlyCollection<EnforceContext> contexts) =>
        PolicyResult<PolicySnapshot>.From(() => new(model, policy, options ?? PolicyOptions.Default, contexts.Count > 0 ? contexts : DefaultContexts(model)));

    /// <summary>Whether a name has a role by a relation without domains (`g`, `g2`, …): what the relation says in a matcher. A name has itself.</summary>
    public bool HasLink(string relation, string name, string role) => graphs[relation].Of("").HasLink(name, role);

    /// <summary>This snapshot's matcher for a context.</summary>
    internal CompiledMatcher For(EnforceContext context) =>
        ReferenceEquals(context, EnforceContext.Default) && defaultMatcher is not null ? defaultMatcher
        : matchers.TryGetValue(context, out var matcher) ? matcher : throw new ArgumentException($"the snapshot was not built for {context}", nameof(context));

    private static IReadOnlyCollection<EnforceContext> DefaultContexts(PolicyModel model) =>
    [
        .. model.MatcherTexts.Keys.Select(key => new EnforceContext(
            Pick(model.Requests.Keys, "r", key),
            Pick(model.Policies.Keys, "p", key),
            Pick(model.Effects.Keys, "e", key),
            key)),
    ];

    private static string Pick(IEnumerable<string> keys, string kind, string matcher) => keys.Contains(kind + matcher[1..]) ? kind + matcher[1..] : kind;

    private static NamePattern? PatternOf(PolicyOptions options, string? function) => function is null
        ? null
        : options.Functions.Find(function) is { Arguments: 2 } found
            ? new NamePattern(found)
            : throw new ArgumentException($"`{function}` is not a function of two arguments", nameof(options));

    private bool IsRelation(string key, RolePatterns patterns) => Model.Roles.TryGetValue(key, out var names) && (names == 3 || patterns.Domains is null);

    private void CheckRow(PolicyRule row)
    {
        var expected = Model.Policies.TryGetValue(row.Type, out var definition) ? definition.Names.Length : Model.Roles.GetValueOrDefault(row.Type, -1);
        if (expected < 0)
        {
            throw new RefusedException(new(SourcePosition.Policy, row.Line, 1), $"the model does not define `{row.Type}`");
        }

        if (row.Values.Length != expected)
        {
            throw new RefusedException(row.PositionOf(Math.Min(expected, row.Values.Length)), $"a `{row.Type}` row has {expected} values, not {row.Values.Length}");
        }

        foreach (var (value, text) in row.Values.Index())
        {
            if (PolicyRule.HasLineBreak(text))
            {
                throw new RefusedException(row.PositionOf(value), "a value has a line break; a row is one line");
            }
        }
    }

    private CompiledMatcher Compile(EnforceContext context, PolicyOptions options)
    {
        var parts = Parts(context);
        var scope = new MatcherScope(parts.Request, parts.Policy, Model.Roles, options.Functions);
        return new CompiledMatcher(scope, parts.Matcher, parts.Effect, rules[parts.Order], symbols, graphs);
    }

    private ContextParts Parts(EnforceContext context) =>
        Model.Requests.TryGetValue(context.Request, out var request)
        && Model.Policies.TryGetValue(context.Policy, out var policy)
        && Model.Effects.TryGetValue(context.Effect, out var effect)
        && Model.MatcherTexts.TryGetValue(context.Matcher, out var text)
            ? new(request, policy, effect, text)
            : throw new RefusedException(new(SourcePosition.Model, 1, 1), $"the model does not define all of {context}");

    private sealed record ContextParts(ModelDefinition Request, ModelDefinition Policy, PolicyEffect Effect, SourceText Matcher)
    {
        // Only `subjectPriority` looks at the rules in the order of their subjects.
        public (string Policy, bool BySubject) Order => (Policy.Key, Effect is PolicyEffect.SubjectPriority);
    }
}
