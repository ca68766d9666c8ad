using System.Diagnostics.CodeAnalysis;
using Exchange.Policy.Language;
using Exchange.Policy.Matchers;
using Exchange.Policy.Roles;
using static Exchange.Policy.Matchers.MatcherExpression;

namespace Exchange.Policy.Enforcement;

/// <summary>
/// An alternative of a matcher over the rules: terms on the request alone are asked once, terms on the rule alone chose the
/// rules beforehand, equality terms and one role term lead to the candidates, and the rest is asked of these.
/// </summary>
internal sealed class IndexedAlternative
{
    private readonly List<MatcherCondition> guards = [];
    private readonly List<(MatcherValue Value, int Column)> keys = [];
    private readonly List<MatcherExpression> rest = [];
    private readonly SymbolTable symbols;
    private readonly RuleIndex index;
    private readonly MatcherCondition? residual;
    private readonly RoleGraph? graph;
    private readonly MatcherValue? roleName;
    private readonly MatcherValue? roleDomain;
    private readonly int roleColumn = -1;

    public IndexedAlternative(Alternative alternative, MatcherCompiler compiler, RuleSet rules, SymbolTable symbols, IReadOnlyDictionary<string, RoleGraph> graphs, MatcherCondition? whole)
    {
        var kept = Enumerable.Repeat(true, rules.Rules.Length).ToArray();
        this.symbols = symbols;
        var roles = new List<Call>();
        var equal = new Dictionary<int, MatcherExpression>();
        foreach (var term in alternative.Terms)
        {
            if (!term.UsesPolicy)
            {
                guards.Add(compiler.Condition(term));
            }
            else if (!term.UsesRequest && !compiler.CanFail(term) && Filter(compiler.Condition(term), rules, kept))
            {
                continue;
            }
            else if (Key(term) is var (value, column))
            {
                keys.Add((compiler.Value(value), column));
                equal.TryAdd(column, value);
            }
            else if (term is Call { Arguments: [{ UsesPolicy: false }, PolicyColumn, ..] } call && graphs.ContainsKey(call.Name))
            {
                roles.Add(call);
            }
            else
            {
                rest.Add(term);
            }
        }

        var role = roles.Where(call => call.Arguments is not [_, _, PolicyColumn domain] || equal.ContainsKey(domain.Index))
            .Where(static call => call.Arguments is not [_, _, { UsesPolicy: true } and not PolicyColumn])
            .MaxBy(call => rules.Rules.Select(rule => rule.Values[((PolicyColumn)call.Arguments[1]).Index]).Distinct().Count());
        if (role is not null)
        {
            graph = graphs[role.Name];
            roleColumn = ((PolicyColumn)role.Arguments[1]).Index;
            roleName = compiler.Value(role.Arguments[0]);
            roleDomain = role.Arguments is [_, _, var domain] ? compiler.Value(domain is PolicyColumn column ? equal[column.Index] : domain) : null;
        }

        rest.AddRange(roles.Where(call => call != role));
        residual = whole ?? (rest.Count == 0 ? null : compiler.Condition(alternative.Terms.Where(rest.Contains).Aggregate(static (a, b) => new Binary("&&", a, b, a.Position))));
        index = new RuleIndex(Enumerable.Range(0, rules.Rules.Length)
            .Where(place => kept[place])
            .Select(place => (place, keys.Select(key => symbols.Add(rules.Rules[place].Values[key.Column])).ToArray(), roleColumn < 0 ? -1 : symbols.Add(rules.Rules[place].Values[roleColumn]))));
    }

    /// <summary>How far an alternative came.</summary>
    public enum Outcome
    {
        Finished,
        Certain,
        NotIndexable,
    }

    // Whether the terms on the request hold. A failure is in the frame.
    private bool GuardsHold(ref MatchFrame frame)
    {
        foreach (var guard in guards)
        {
            if (!guard(ref frame) || frame.Failure is not null)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Adds the rules that match. Not indexable: a value failed or is not text; the rules must be looked at one by one.</summary>
    public Outcome Run(ref MatchFrame frame, RuleSet rules, int[] identity, ref Combination combination)
    {
        if (!GuardsHold(ref frame))
        {
            return frame.Failure is null ? Outcome.Finished : Outcome.NotIndexable;
        }

        var state = 0;
        foreach (var (value, _) in keys)
        {
            var found = value(ref frame);
            if (found.Kind is not PolicyValueKind.Text || frame.Failure is not null)
            {
                return Outcome.NotIndexable;
            }

            if (symbols.Find(found.AsText) is not (>= 0 and var symbol) || (state = index.Next(state, symbol)) < 0)
            {
                return Outcome.Finished;
            }
        }

        return graph is null ? Visit(state, ref frame, rules, ref combination) ? Outcome.Certain : Outcome.Finished : RunRoles(state, ref frame, rules, identity, ref combination);
    }

    private Outcome RunRoles(int state, ref MatchFrame frame, RuleSet rules, int[] identity, ref Combination combination)
    {
        var name = roleName!(ref frame);
        var domain = roleDomain is null ? PolicyValue.Of("") : roleDomain(ref frame);
        if (name.Kind is not PolicyValueKind.Text || domain.Kind is not PolicyValueKind.Text || frame.Failure is not null)
        {
            return Outcome.NotIndexable;
        }

        if (!TryReach(name.AsText, domain.AsText, identity, out var reached, out var lent))
        {
            return Outcome.NotIndexable;
        }

        var outcome = VisitRoles(state, reached, ref frame, rules, ref combination);
        RoleDomain.Return(lent);
        return outcome;
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever a pattern of names throws fails the rules that ask for it, one by one.")]
    private bool TryReach(string name, string domain, int[] identity, out ReadOnlySpan<int> reached, out List<int>? lent)
    {
        try
        {
            reached = graph!.Of(domain).Reach(name, symbols.Find(name), identity, out lent);
            return true;
        }
        catch (Exception)
        {
            reached = [];
            lent = null;
            return false;
        }
    }

    private Outcome VisitRoles(int state, ReadOnlySpan<int> reached, ref MatchFrame frame, RuleSet rules, ref Combination combination)
    {
        var roles = index.Roles(state);
        var fewer = reached.Length <= roles.Length ? reached : roles;
        var more = reached.Length <= roles.Length ? roles : reached;
        var from = 0;
        foreach (var role in fewer)
        {
            // Both are sorted: what lies before is behind us.
            var at = more[from..].BinarySearch(role);
            from += at < 0 ? ~at : at;
            if (at >= 0 && Visit(index.Next(state, role), ref frame, rules, ref combination))
            {
                return Outcome.Certain;
            }
        }

        return Outcome.Finished;
    }

    private bool Visit(int state, ref MatchFrame frame, RuleSet rules, ref Combination combination)
    {
        foreach (var place in index.Places(state))
        {
            if (place >= combination.Horizon)
            {
                return false;
            }

            if (residual is not null)
            {
                frame.Rule = rules.Rules[place].Values;
                frame.RuleIndex = place;
                var holds = residual(ref frame);
                if (frame.Failure is { } failure)
                {
                    frame.Failure = null;
                    combination.Fail(place, failure);
                    continue;
                }

                if (!holds)
                {
                    continue;
                }
            }

            if (combination.Match(place, rules.Effects[place]))
            {
                return true;
            }
        }

        return false;
    }

    private static (MatcherExpression Value, int Column)? Key(MatcherExpression term) => term switch
    {
        Binary { Sign: "==" or "===", Left: { UsesPolicy: false } value, Right: PolicyColumn column } => (value, column.Index),
        Binary { Sign: "==" or "===", Left: PolicyColumn column, Right: { UsesPolicy: false } value } => (value, column.Index),
        _ => null,
    };

    // Leaves only the rules that hold; false, and all as it was, when the filter fails for one: then requests must see it fail.
    private static bool Filter(MatcherCondition filter, RuleSet rules, bool[] kept)
    {
        var holds = new bool[kept.Length];
        for (var place = 0; place < kept.Length; place++)
        {
            var frame = new MatchFrame { Rule = rules.Rules[place].Values, RuleIndex = place };
            holds[place] = filter(ref frame);
            if (frame.Failure is not null)
            {
                return false;
            }
        }

        for (var place = 0; place < kept.Length; place++)
        {
            kept[place] &= holds[place];
        }

        return true;
    }
}
