using System.Diagnostics.CodeAnalysis;
using Exchange.Policy.Language;
using Exchange.Policy.Matchers;
using Exchange.Policy.Roles;
using static Exchange.Policy.Matchers.MatcherExpression;

namespace Exchange.Policy.Enforcement;

/// <summary>
/// An alternative of a matcher over the rules: terms on the request alone are asked once, terms on the rule alone chose the
/// rules beforehand, equality terms and role terms lead to the candidates, and the rest is asked of these.
/// </summary>
internal sealed class IndexedAlternative
{
    private readonly List<MatcherCondition> guards = [];
    private readonly List<(MatcherValue Value, int Column, bool IsStrict)> keys = [];
    private readonly RoleStep[] roles;
    private readonly SymbolTable symbols;
    private readonly RuleIndex index;
    private readonly MatcherCondition? residual;

    public IndexedAlternative(Alternative alternative, MatcherCompiler compiler, RuleSet rules, SymbolTable symbols, IReadOnlyDictionary<string, RoleGraph> graphs, MatcherCondition? whole)
    {
        this.symbols = symbols;
        var kept = Enumerable.Repeat(true, rules.Rules.Length).ToArray();
        var roleTerms = new List<Call>();
        var rest = new List<MatcherExpression>();
        var equal = new Dictionary<int, MatcherExpression>();
        foreach (var term in alternative.Terms)
        {
            if (!term.UsesPolicy)
            {
                guards.Add(compiler.Condition(term));
            }
            else if (IsFilter(term, compiler) && Filter(compiler.Condition(term), rules, kept))
            {
                continue;
            }
            else if (Key(term) is var (value, column, isStrict))
            {
                keys.Add((compiler.Value(value), column, isStrict));
                equal.TryAdd(column, value);
            }
            else if (IsRole(term, graphs))
            {
                roleTerms.Add((Call)term);
            }
            else
            {
                rest.Add(term);
            }
        }

        // Of the roles that narrow most the first: few rules are left for the others.
        var stepped = roleTerms.Where(call => call.Arguments is not [_, _, PolicyColumn domain] || equal.ContainsKey(domain.Index))
            .OrderByDescending(call => rules.Rules.Select(rule => rule.Values[((PolicyColumn)call.Arguments[1]).Index]).Distinct().Count())
            .Take(ReachedRoles.Most)
            .ToList();
        roles =
        [
            .. stepped.Select(call => new RoleStep(
                call.Arguments is [_, _, PolicyColumn] ? call with { } : call,
                graphs[call.Name],
                ((PolicyColumn)call.Arguments[1]).Index,
                compiler.Value(call.Arguments[0]),
                call.Arguments is [_, _, var domain] ? compiler.Value(domain is PolicyColumn column ? equal[column.Index] : domain) : null,
                IsDomainOfKey: call.Arguments is [_, _, PolicyColumn])),
        ];
        rest.AddRange(roleTerms.Except(stepped));
        residual = whole ?? (rest.Count == 0 ? null : compiler.Condition(alternative.Terms.Where(rest.Contains).Aggregate(static (a, b) => new Binary("&&", a, b, a.Position))));
        index = new RuleIndex(Enumerable.Range(0, rules.Rules.Length)
            .Where(place => kept[place])
            .Select(place => (place, keys.Select(key => Symbol(place, key.Column)).ToArray(), roles.Select(step => Symbol(place, step.Column)).ToArray())));

        int Symbol(int place, int column) => symbols.Add(rules.Rules[place].Values[column]);
    }

    /// <summary>
    /// The terms that not all alternatives have and that are asked of the candidates. Where one fails, only the whole matcher keeps
    /// `||` from left to right; terms on the request alone, keys and roles are asked before, and lead to the whole matcher by themselves.
    /// </summary>
    public static IEnumerable<MatcherExpression> Unshared(IReadOnlyList<Alternative> alternatives, IReadOnlyDictionary<string, RoleGraph> graphs) =>
        alternatives.SelectMany(one => one.Terms
            .Where(term => alternatives.Any(other => !other.Terms.Any(same => ReferenceEquals(same, term))))
            .Where(term => term.UsesPolicy && Key(term) is null
                && !(IsRole(term, graphs) && term is Call { Arguments: [_, _] } && one.Terms.Count(other => IsRole(other, graphs)) <= ReachedRoles.Most)));

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

    /// <summary>Adds the rules that match. Not indexable: a value failed, or is none that has roles; the rules must be looked at one by one.</summary>
    public Outcome Run(ref MatchFrame frame, ref ReachedRoles reached, RuleSet rules, int[] identity, ref Combination combination)
    {
        if (!GuardsHold(ref frame))
        {
            return frame.Failure is null ? Outcome.Finished : Outcome.NotIndexable;
        }

        return Follow(0, 0, ref frame, ref reached, rules, identity, ref combination);
    }

    private Outcome Follow(int state, int from, ref MatchFrame frame, ref ReachedRoles reached, RuleSet rules, int[] identity, ref Combination combination)
    {
        for (var i = from; i < keys.Count; i++)
        {
            var found = keys[i].Value(ref frame);
            if (frame.Failure is not null)
            {
                return Outcome.NotIndexable;
            }

            if (found.Kind is not PolicyValueKind.Text)
            {
                // A number and a truth value equal every text that spells them; a list, an object and what is missing equal none.
                foreach (var spelt in !keys[i].IsStrict && found.TryNumber(out var number) ? symbols.Spelling(number) : [])
                {
                    if (index.Next(state, spelt) is >= 0 and var next
                        && Follow(next, i + 1, ref frame, ref reached, rules, identity, ref combination) is not Outcome.Finished and var outcome)
                    {
                        return outcome;
                    }
                }

                return Outcome.Finished;
            }

            if (symbols.Find(found.AsText) is not (>= 0 and var symbol) || (state = index.Next(state, symbol)) < 0)
            {
                return Outcome.Finished;
            }
        }

        if (roles.Length == 0)
        {
            return Visit(state, ref frame, rules, ref combination) ? Outcome.Certain : Outcome.Finished;
        }

        for (var i = 0; i < roles.Length; i++)
        {
            var role = roles[i];
            if (reached.Has(i, role.Term))
            {
                continue;
            }

            var name = role.Name(ref frame);
            var domain = role.Domain is { } inDomain ? inDomain(ref frame) : PolicyValue.Of("");
            if (!name.IsScalar || !(role.IsDomainOfKey ? domain.Kind is PolicyValueKind.Text : domain.IsScalar) || frame.Failure is not null)
            {
                return Outcome.NotIndexable;
            }

            if (!TryReach(role.Graph, name.ToString(), domain.ToString(), identity, out var names, out var lent))
            {
                return Outcome.NotIndexable;
            }

            reached.Set(i, role.Term, names, lent);
        }

        return Descend(state, 0, reached, ref frame, rules, ref combination) ? Outcome.Certain : Outcome.Finished;
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever a pattern of names throws fails the rules that ask for it, one by one.")]
    private bool TryReach(RoleGraph graph, string name, string domain, int[] identity, out ReadOnlySpan<int> reached, out List<int>? lent)
    {
        try
        {
            reached = graph.Of(domain).Reach(name, symbols.Find(name), identity, out lent);
            return true;
        }
        catch (Exception)
        {
            reached = [];
            lent = null;
            return false;
        }
    }

    private bool Descend(int state, int step, in ReachedRoles reached, ref MatchFrame frame, RuleSet rules, ref Combination combination)
    {
        if (step == roles.Length)
        {
            return Visit(state, ref frame, rules, ref combination);
        }

        // Both are sorted: what lies before is behind us.
        var names = reached[step];
        var further = index.Roles(state);
        var states = index.States(state);
        var from = 0;
        if (names.Length <= further.Length)
        {
            foreach (var name in names)
            {
                var at = further[from..].BinarySearch(name);
                if (at >= 0 && Descend(states[from + at], step + 1, reached, ref frame, rules, ref combination))
                {
                    return true;
                }

                from += at < 0 ? ~at : at;
            }

            return false;
        }

        for (var i = 0; i < further.Length; i++)
        {
            var at = names[from..].BinarySearch(further[i]);
            if (at >= 0 && Descend(states[i], step + 1, reached, ref frame, rules, ref combination))
            {
                return true;
            }

            from += at < 0 ? ~at : at;
        }

        return false;
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
                    if (combination.Fail(place, failure))
                    {
                        return true;
                    }

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

    private static bool IsFilter(MatcherExpression term, MatcherCompiler compiler) => term.UsesPolicy && !term.UsesRequest && !compiler.CanFail(term);

    // Whether a domain that is a rule's column can be found depends on the other terms.
    private static bool IsRole(MatcherExpression term, IReadOnlyDictionary<string, RoleGraph> graphs) =>
        term is Call { Arguments: [{ UsesPolicy: false }, PolicyColumn, ..] } call && graphs.ContainsKey(call.Name)
        && call.Arguments is not [_, _, { UsesPolicy: true } and not PolicyColumn];

    private static (MatcherExpression Value, int Column, bool IsStrict)? Key(MatcherExpression term) => term switch
    {
        Binary { Sign: ("==" or "===") and var sign, Left: { UsesPolicy: false } value, Right: PolicyColumn column } => (value, column.Index, sign is "==="),
        Binary { Sign: ("==" or "===") and var sign, Left: PolicyColumn column, Right: { UsesPolicy: false } value } => (value, column.Index, sign is "==="),
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
