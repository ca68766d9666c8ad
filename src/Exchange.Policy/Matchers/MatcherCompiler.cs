using Exchange.Policy.Language;
using Exchange.Policy.Roles;
using static Exchange.Policy.Matchers.MatcherExpression;

namespace Exchange.Policy.Matchers;

/// <summary>
/// Compiles an expression to delegates over a snapshot's rules of one type. What depends on a rule alone (patterns, `eval`
/// expressions) is prepared per rule here, so that a decision does not.
/// </summary>
internal sealed class MatcherCompiler(MatcherScope scope, IReadOnlyList<PolicyRule> rules, IReadOnlyDictionary<string, RoleGraph> graphs)
{
    private readonly Dictionary<(int Column, string Name), int> slots = [];
    private readonly Dictionary<int, MatcherCondition[]> evals = [];
    private readonly RulePatterns<Func<string, bool>> patterns = new(rules, static function => function.Prepare!);
    private readonly RulePatterns<Func<string, string, string>> parts = new(rules, static function => function.PreparePart!);

    // The rules that what is being compiled is asked of: all, or those with one `eval` expression.
    private IReadOnlyList<int> places = [.. Enumerable.Range(0, rules.Count)];
    private bool insideEval;

    /// <summary>True when evaluating the expression on texts could fail.</summary>
    public bool CanFail(MatcherExpression expression) => Fallibility.CanFail(expression, graphs, scope.Functions);

    public MatcherCondition Condition(MatcherExpression expression)
    {
        switch (expression)
        {
            case Binary { Sign: "&&" } and:
                var (both, also) = (Condition(and.Left), Condition(and.Right));
                return (ref MatchFrame frame) => both(ref frame) && also(ref frame);
            case Binary { Sign: "||" } or:
                var (either, other) = (Condition(or.Left), Condition(or.Right));
                return (ref MatchFrame frame) => either(ref frame) || (frame.Failure is null && other(ref frame));
            case Unary { Sign: '!' } not:
                var operand = Condition(not.Operand);
                return (ref MatchFrame frame) => !operand(ref frame);
            case Binary { Sign: "==" or "===" } equal:
                return Equality(equal.Left, equal.Right, isStrict: equal.Sign == "===");
            case Binary { Sign: "!=" or "!==" } unequal:
                var same = Equality(unequal.Left, unequal.Right, isStrict: unequal.Sign == "!==");
                return (ref MatchFrame frame) => !same(ref frame);
            case Binary { Sign: "<" or "<=" or ">" or ">=" } order:
                var disorder = new PolicyFailure(order.Position, $"`{order.Sign}` compares two numbers or two texts");
                return order.Right is Literal { Value: { Kind: PolicyValueKind.Number, AsNumber: var limit } }
                    ? Operators.Order(order.Sign, Value(order.Left), limit, disorder)
                    : Operators.Order(order.Sign, Value(order.Left), Value(order.Right), disorder);
            case Binary { Sign: "in" } within:
                return Within(within);
            case Call call when scope.IsRole(call.Name):
                return Role(call);
            case Call call when scope.Functions.Find(call.Name) is { Prepare: not null } function:
                return Pattern(call, function);
            case Eval eval:
                return Evaluated(eval);
            case Conditional choice:
                var (test, then, otherwise) = (Condition(choice.Test), Condition(choice.Then), Condition(choice.Else));
                return (ref MatchFrame frame) => test(ref frame) ? then(ref frame) : otherwise(ref frame);
            case Literal { Value: { Kind: PolicyValueKind.Number, AsNumber: not (0 or 1) } }:
                throw new RefusedException(expression.Position, "a number stands here for a condition; of numbers only 0 and 1 are one");
            default:
                // Casbin takes other numbers for effects.
                var value = Value(expression);
                var failure = new PolicyFailure(expression.Position, "a condition is true or false, 0 or 1, or a text");
                return (ref MatchFrame frame) =>
                {
                    var result = value(ref frame);
                    if (!result.IsScalar || (result.Kind is PolicyValueKind.Number && result.AsNumber is not (0 or 1)))
                    {
                        frame.Fail(failure);
                    }

                    return result.IsTrue;
                };
        }
    }

    public MatcherValue Value(MatcherExpression expression)
    {
        switch (expression)
        {
            case Literal literal:
                var constant = literal.Value;
                return (ref MatchFrame _) => constant;
            case RequestColumn request:
                var index = request.Index;
                var absent = new PolicyFailure(request.Position, $"the request has no value for `{scope.Request.Names[index]}`");
                return (ref MatchFrame frame) => frame.Request[index] is { Kind: not PolicyValueKind.Missing } value ? value : frame.Fail(absent);
            case PolicyColumn policy:
                var column = policy.Index;
                return (ref MatchFrame frame) => PolicyValue.Of(frame.Rule[column]);
            case MatcherExpression.Attribute attribute:
                return AttributeOf(attribute);
            case Unary { Sign: '-' or '+' } sign:
                return Operators.Sign(sign.Sign, Value(sign.Operand), new(sign.Position, "a sign stands before a number"));
            case Binary { Sign: "+" or "-" or "*" or "/" or "%" or "**" } sum:
                return Operators.Arithmetic(sum.Sign, Value(sum.Left), Value(sum.Right), new(sum.Position, $"`{sum.Sign}` needs numbers"));
            case Conditional choice:
                var (test, then, otherwise) = (Condition(choice.Test), Value(choice.Then), Value(choice.Else));
                return (ref MatchFrame frame) => test(ref frame) ? then(ref frame) : otherwise(ref frame);
            case MatcherExpression.List list:
                var items = list.Items.Select(Value).ToArray();
                return (ref MatchFrame frame) =>
                {
                    var values = new PolicyValue[items.Length];
                    for (var i = 0; i < values.Length; i++)
                    {
                        values[i] = items[i](ref frame);
                    }

                    return values;
                };
            case Call call when !scope.IsRole(call.Name) && scope.Functions.Find(call.Name) is { PreparePart: not null } function:
                return PartOfPattern(call, function);
            case Call call when !scope.IsRole(call.Name) && scope.Functions.Find(call.Name) is { Prepare: null } function:
                return Invoke(call, function);
            case Binary { Sign: "&&" or "||" } logic when !IsTruth(logic):
                throw new RefusedException(logic.Position, $"`{logic.Sign}` gives one of its sides here, not true or false; compare each side by itself, or choose with `? :`");
            default:
                var condition = Condition(expression);
                return (ref MatchFrame frame) => PolicyValue.Of(condition(ref frame));
        }
    }

    // Whether it is true or false whatever its parts are.
    private bool IsTruth(MatcherExpression expression) => expression switch
    {
        Binary { Sign: "&&" or "||" } logic => IsTruth(logic.Left) && IsTruth(logic.Right),
        Binary { Sign: "==" or "!=" or "===" or "!==" or "<" or "<=" or ">" or ">=" or "in" } or Unary { Sign: '!' } => true,
        Literal { Value.Kind: PolicyValueKind.Boolean } => true,
        Conditional choice => IsTruth(choice.Then) && IsTruth(choice.Else),
        Call call => scope.IsRole(call.Name) || scope.Functions.Find(call.Name) is { Prepare: not null },
        _ => false,
    };

    private MatcherCondition Equality(MatcherExpression left, MatcherExpression right, bool isStrict)
    {
        if (right is RequestColumn || (left is Literal && right is not Literal))
        {
            (left, right) = (right, left);
        }

        var value = Value(left);
        if (right is PolicyColumn { Index: var column })
        {
            return (ref MatchFrame frame) => value(ref frame) is var found && found.Kind is PolicyValueKind.Text
                ? string.Equals(found.AsText, frame.Rule[column], StringComparison.Ordinal)
                : !isStrict && found.IsLike(PolicyValue.Of(frame.Rule[column]));
        }

        if (right is Literal { Value: { Kind: PolicyValueKind.Text } literal })
        {
            var text = literal.AsText;
            return (ref MatchFrame frame) => value(ref frame) is var found && found.Kind is PolicyValueKind.Text
                ? string.Equals(found.AsText, text, StringComparison.Ordinal)
                : !isStrict && found.IsLike(literal);
        }

        var other = Value(right);
        return isStrict
            ? (ref MatchFrame frame) => value(ref frame).IsSame(other(ref frame))
            : (ref MatchFrame frame) => value(ref frame).IsLike(other(ref frame));
    }

    private MatcherValue AttributeOf(MatcherExpression.Attribute attribute)
    {
        var (target, name) = (Value(attribute.Target), attribute.Name);
        var failure = new PolicyFailure(attribute.Position, $"there is no attribute `{name}`");
        if (attribute.Target is RequestColumn { Index: var column } && SlotOf(column, name) is >= 0 and var slot)
        {
            return (ref MatchFrame frame) => frame.Slots[slot].Kind is not PolicyValueKind.Missing
                ? frame.Slots[slot]
                : frame.Slots[slot] = Operators.Attribute(frame.Request[column], name, ref frame, failure);
        }

        return (ref MatchFrame frame) => Operators.Attribute(target(ref frame), name, ref frame, failure);
    }

    // -1 when all slots are taken.
    private int SlotOf(int column, string name)
    {
        if (!slots.TryGetValue((column, name), out var slot))
        {
            if (slots.Count == AttributeSlots.Count)
            {
                return -1;
            }

            slots[(column, name)] = slot = slots.Count;
        }

        return slot;
    }

    private MatcherCondition Within(Binary within)
    {
        var value = Value(within.Left);
        if (within.Right is MatcherExpression.List list)
        {
            var items = list.Items.Select(Value).ToArray();
            return (ref MatchFrame frame) =>
            {
                var wanted = value(ref frame);
                foreach (var item in items)
                {
                    if (wanted.IsSame(item(ref frame)))
                    {
                        return true;
                    }
                }

                return false;
            };
        }

        var set = Value(within.Right);
        var failure = new PolicyFailure(within.Position, "the right side of `in` is a list");
        return (ref MatchFrame frame) =>
        {
            var (wanted, found) = (value(ref frame), set(ref frame));
            return Operators.Contains(found, wanted, ref frame, failure);
        };
    }

    private MatcherCondition Role(Call call)
    {
        var graph = graphs[call.Name];
        var (name, role) = (Value(call.Arguments[0]), Value(call.Arguments[1]));
        var domain = call.Arguments.Length > 2 ? Value(call.Arguments[2]) : null;
        var failure = new PolicyFailure(call.Position, $"`{call.Name}` takes texts, and its patterns must not fail");
        return (ref MatchFrame frame) =>
        {
            var (who, what, where) = (name(ref frame), role(ref frame), domain is null ? PolicyValue.Of("") : domain(ref frame));
            return who.IsScalar && what.IsScalar && where.IsScalar
                ? Operators.HasLink(graph, who.ToString(), what.ToString(), where.ToString(), ref frame, failure)
                : frame.Fail(failure).IsTrue;
        };
    }

    private MatcherCondition Pattern(Call call, FunctionDefinition function)
    {
        var text = Value(call.Arguments[0]);
        var failure = new PolicyFailure(call.Position, $"`{call.Name}` cannot be applied to these values");
        switch (call.Arguments[1])
        {
            case Literal { Value.Kind: PolicyValueKind.Text } literal:
                var fixedTest = patterns.Prepare(function, literal.Value.AsText, literal.Position);
                return (ref MatchFrame frame) => Operators.Test(function, fixedTest, text(ref frame), ref frame, failure);
            case PolicyColumn { Index: var column }:
                var tests = patterns.Of(function, column, places);
                return (ref MatchFrame frame) => Operators.Test(function, tests[frame.RuleIndex], text(ref frame), ref frame, failure);
            default:
                return PatternOfRequest(text, Value(call.Arguments[1]), function, failure);
        }
    }

    // Prepared again only when the pattern is another than the last: mostly it is the same for all rules of a request.
    private MatcherCondition PatternOfRequest(MatcherValue text, MatcherValue pattern, FunctionDefinition function, PolicyFailure failure)
    {
        Tuple<string, Func<string, bool>?>? last = null;
        return (ref MatchFrame frame) =>
        {
            var (value, wanted) = (text(ref frame), pattern(ref frame));
            if (!wanted.IsScalar)
            {
                return frame.Fail(failure).IsTrue;
            }

            var known = last;
            if (known is null || known.Item1 != wanted.ToString())
            {
                last = known = Tuple.Create(wanted.ToString(), patterns.TryPrepare(function, wanted.ToString()));
            }

            return Operators.Test(function, known.Item2, value, ref frame, failure);
        };
    }

    private MatcherValue PartOfPattern(Call call, FunctionDefinition function)
    {
        var (text, name) = (Value(call.Arguments[0]), Value(call.Arguments[2]));
        var failure = new PolicyFailure(call.Position, $"`{call.Name}` failed");
        switch (call.Arguments[1])
        {
            case Literal { Value.Kind: PolicyValueKind.Text } literal:
                var fixedPart = parts.Prepare(function, literal.Value.AsText, literal.Position);
                return (ref MatchFrame frame) => Operators.Part(fixedPart, text(ref frame), name(ref frame), ref frame, failure);
            case PolicyColumn { Index: var column }:
                var byRule = parts.Of(function, column, places);
                return (ref MatchFrame frame) => Operators.Part(byRule[frame.RuleIndex], text(ref frame), name(ref frame), ref frame, failure);
            default:
                return Invoke(call, function);
        }
    }

    private MatcherValue Invoke(Call call, FunctionDefinition function)
    {
        var arguments = call.Arguments.Select(Value).ToArray();
        var failure = new PolicyFailure(call.Position, $"`{call.Name}` failed");
        return (ref MatchFrame frame) =>
        {
            var onStack = default(ArgumentSlots);
            Span<PolicyValue> values = arguments.Length <= ArgumentSlots.Count ? onStack : new PolicyValue[arguments.Length];
            for (var i = 0; i < arguments.Length; i++)
            {
                values[i] = arguments[i](ref frame);
            }

            return frame.Failure is null ? Operators.Call(function.Function, values[..arguments.Length], ref frame, failure) : default;
        };
    }

    private MatcherCondition Evaluated(Eval eval)
    {
        if (insideEval)
        {
            throw new RefusedException(eval.Position, "an expression given to `eval` cannot call `eval`");
        }

        if (!evals.TryGetValue(eval.Column, out var conditions))
        {
            evals[eval.Column] = conditions = new MatcherCondition[rules.Count];
            (var all, insideEval) = (places, true);
            foreach (var alike in all.GroupBy(place => rules[place].Values[eval.Column], StringComparer.Ordinal))
            {
                places = [.. alike];
                var condition = Condition(MatcherParser.Read(rules[places[0]].SourceOf(eval.Column), scope));
                foreach (var place in places)
                {
                    conditions[place] = condition;
                }
            }

            (places, insideEval) = (all, false);
        }

        return (ref MatchFrame frame) => conditions[frame.RuleIndex](ref frame);
    }
}
