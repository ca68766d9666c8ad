namespace Exchange.Policy.Conditions;

/// <summary>
/// Reasons about simplified conditions. All answers are conservative: false means that it is not known. The effort is
/// bounded, because conditions come from people.
/// </summary>
public static class ConditionLogic
{
    private const int MostSteps = 2_000;

    /// <summary>True when every row for which the first holds is known to be one for which the second holds.</summary>
    public static bool Implies(Condition first, Condition second)
    {
        var steps = MostSteps;
        return Implies(first, second, ref steps);
    }

    /// <summary>True when it is known that no row has both.</summary>
    public static bool Excludes(Condition first, Condition second) => ConditionForm.AllOf(first, second) is Condition.False;

    /// <summary>Holds when the condition does and the exclusion does not.</summary>
    public static Condition Except(Condition condition, Condition exclusion)
    {
        if (Implies(condition, exclusion))
        {
            return Condition.Never;
        }

        if (Excludes(condition, exclusion))
        {
            return condition;
        }

        return (condition, exclusion) switch
        {
            (Condition.Or or, _) => ConditionForm.AnyOf([.. or.Terms.Select(term => Except(term, exclusion))]),
            (_, Condition.Or or) => or.Terms.Aggregate(condition, Except),
            _ => ConditionForm.AllOf(condition, ConditionForm.Negate(exclusion)),
        };
    }

    private static bool Implies(Condition first, Condition second, ref int steps)
    {
        if (--steps < 0)
        {
            return false;
        }

        if (first is Condition.False || second is Condition.True || first.Equals(second))
        {
            return true;
        }

        if (first is Condition.Or anyFirst)
        {
            foreach (var term in anyFirst.Terms)
            {
                if (!Implies(term, second, ref steps))
                {
                    return false;
                }
            }

            return true;
        }

        if (second is Condition.And allSecond)
        {
            foreach (var term in allSecond.Terms)
            {
                if (!Implies(first, term, ref steps))
                {
                    return false;
                }
            }

            return true;
        }

        return (first is Condition.Not a && second is Condition.Not b && Implies(b.Term, a.Term, ref steps))
            || ImpliesByPart(first, second, ref steps)
            || ImpliesByValue(first, second);
    }

    private static bool ImpliesByPart(Condition first, Condition second, ref int steps)
    {
        if (first is Condition.And allFirst)
        {
            foreach (var term in allFirst.Terms)
            {
                if (Implies(term, second, ref steps))
                {
                    return true;
                }
            }
        }

        if (second is Condition.Or anySecond)
        {
            foreach (var term in anySecond.Terms)
            {
                if (Implies(first, term, ref steps))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool ImpliesByValue(Condition first, Condition second)
    {
        // A comparison with a value is false where there is none.
        if (second is Condition.Present present && ConditionForm.AttributeOf(first) is { } attribute && attribute.Number == present.Attribute.Number)
        {
            return true;
        }

        // `a` is one of some values: a comparison of `a` alone is tried with each.
        var compared = second is Condition.Not not ? not.Term : second;
        if (ValueSet.Of(first) is not { IsNegated: false } known || compared is not (Condition.Compare or Condition.In)
            || ConditionForm.AttributeOf(compared) != known.Attribute)
        {
            return false;
        }

        foreach (var value in known.Values)
        {
            if (!ConditionEvaluator.Holds(second, new OneValue(value)))
            {
                return false;
            }
        }

        return true;
    }

    private readonly struct OneValue(FieldValue value) : IRow
    {
        public FieldValue Get(int number) => value;
    }
}
