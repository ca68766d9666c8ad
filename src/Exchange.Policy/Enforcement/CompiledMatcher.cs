using Exchange.Policy.Language;
using Exchange.Policy.Matchers;
using Exchange.Policy.Roles;

namespace Exchange.Policy.Enforcement;

/// <summary>A matcher compiled over the rules of a snapshot, for one combination of definitions.</summary>
internal sealed class CompiledMatcher
{
    // The place of an answer that no rule made: behind all rules.
    private const int NoRule = int.MaxValue - 1;

    private readonly IndexedAlternative[] alternatives;
    private readonly MatcherCondition whole;
    private readonly MatcherCondition withoutRules;
    private readonly PolicyEffect effect;
    private readonly RuleSet rules;
    private readonly ModelDefinition request;
    private readonly int[] identity;
    private readonly int[] asked;
    private readonly int[] askedForTruth;
    private readonly bool usesPolicy;
    private readonly bool canFail;

    public CompiledMatcher(MatcherScope scope, SourceText text, PolicyEffect effect, RuleSet rules, SymbolTable symbols, IReadOnlyDictionary<string, RoleGraph> graphs)
    {
        (this.effect, this.rules, request) = (effect, rules, scope.Request);
        var expression = MatcherParser.Read(text, scope);
        usesPolicy = expression.UsesPolicy;
        var compiler = new MatcherCompiler(scope, rules.Rules, graphs);
        canFail = compiler.CanFail(expression);
        whole = compiler.Condition(expression);
        withoutRules = compiler.Condition(WithoutRules(expression));
        var split = Alternative.Of(expression);

        var unshared = IndexedAlternative.Unshared(split, graphs).ToList();
        var residual = unshared.Any(compiler.CanFail) ? whole : null;
        IReadOnlyList<MatcherExpression> infallible = !canFail ? [expression] : residual is null ? unshared : [];
        asked = [.. infallible.SelectMany(Fallibility.RequestColumns).Distinct()];
        askedForTruth = [.. infallible.SelectMany(Fallibility.ConditionColumns).Distinct()];
        alternatives = [.. split.Select(alternative => new IndexedAlternative(alternative, compiler, rules, symbols, graphs, residual))];
        identity = [.. Enumerable.Range(0, symbols.Count)];
    }

    public RuleSet Rules => rules;

    /// <summary>False when the matcher names no column of a rule: it is then asked once, not per rule.</summary>
    public bool LooksAtRules => usesPolicy;

    /// <summary>Decides through the index. With a list, all matching rules are looked for and their places added to it.</summary>
    public Combination Decide(ReadOnlySpan<PolicyValue> values, List<int>? matched)
    {
        var combination = new Combination(effect, canFail, matched);
        if (values.Length != request.Names.Length)
        {
            combination.Fail(-1, new PolicyFailure(request.Position, $"a request has {request.Names.Length} values, not {values.Length}"));
            return combination;
        }

        if (!usesPolicy || rules.Rules.IsEmpty)
        {
            DecideWithoutRules(values, ref combination);
            return combination;
        }

        if (MayFail(values))
        {
            return Scan(values, matched);
        }

        var reached = default(ReachedRoles);
        var isIndexable = Follow(values, ref reached, ref combination);
        reached.Return();
        if (isIndexable)
        {
            return combination;
        }

        matched?.Clear();
        return Scan(values, matched);
    }

    private bool Follow(ReadOnlySpan<PolicyValue> values, ref ReachedRoles reached, ref Combination combination)
    {
        // One frame for all: what one alternative read of the request the next need not.
        var frame = new MatchFrame { Request = values };
        foreach (var alternative in alternatives)
        {
            switch (alternative.Run(ref frame, ref reached, rules, identity, ref combination))
            {
                case IndexedAlternative.Outcome.Certain:
                    return true;
                case IndexedAlternative.Outcome.NotIndexable:
                    return false;
            }
        }

        return true;
    }

    /// <summary>Decides by looking at every rule in order: what the index must agree with.</summary>
    public Combination Scan(ReadOnlySpan<PolicyValue> values, List<int>? matched)
    {
        var combination = new Combination(effect, canFail || MayFail(values), matched);
        for (var place = 0; place < rules.Rules.Length && place < combination.Horizon; place++)
        {
            var frame = new MatchFrame { Request = values, Rule = rules.Rules[place].Values, RuleIndex = place };
            var holds = whole(ref frame);
            if (frame.Failure is { } failure ? combination.Fail(place, failure) : holds && combination.Match(place, rules.Effects[place]))
            {
                break;
            }
        }

        return combination;
    }

    // What cannot fail on texts may fail on other values: on what is missing, on lists and objects, and, as a condition, on numbers.
    private bool MayFail(ReadOnlySpan<PolicyValue> values)
    {
        foreach (var column in asked)
        {
            if (!values[column].IsScalar)
            {
                return true;
            }
        }

        foreach (var column in askedForTruth)
        {
            if (values[column].Kind is not PolicyValueKind.Text)
            {
                return true;
            }
        }

        return false;
    }

    private void DecideWithoutRules(ReadOnlySpan<PolicyValue> values, ref Combination combination)
    {
        var frame = new MatchFrame { Request = values };
        var holds = withoutRules(ref frame);
        if (frame.Failure is { } failure)
        {
            combination.Fail(-1, failure);
        }
        else if (holds)
        {
            combination.Match(NoRule, RuleEffect.Allow);
        }
    }

    // Without a rule, what a rule's column would be compared with does not hold, nor does its opposite.
    private static MatcherExpression WithoutRules(MatcherExpression expression) => expression switch
    {
        { UsesPolicy: false } => expression,
        MatcherExpression.Binary { Sign: "&&" or "||" } logic => logic with { Left = WithoutRules(logic.Left), Right = WithoutRules(logic.Right) },
        _ => new MatcherExpression.Literal(false, expression.Position),
    };
}
