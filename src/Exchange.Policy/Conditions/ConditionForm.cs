using System.Collections.Immutable;

namespace Exchange.Policy.Conditions;

/// <summary>Builds conditions in simplified form, and reasons about them.</summary>
public static class ConditionForm
{
    /// <summary>Holds when all do.</summary>
    public static Condition AllOf(params ReadOnlySpan<Condition> terms) => And(terms);

    /// <summary>Holds when one does.</summary>
    public static Condition AnyOf(params ReadOnlySpan<Condition> terms) => Or(terms);

    /// <summary>Holds when the condition does not.</summary>
    public static Condition Negate(Condition condition) => condition switch
    {
        Condition.True => Condition.Never,
        Condition.False => Condition.Always,
        Condition.Not not => not.Term,
        _ => new Condition.Not(condition),
    };

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
            (Condition.Or or, _) => Or([.. or.Terms.Select(term => Except(term, exclusion))]),
            (_, Condition.Or or) => or.Terms.Aggregate(condition, Except),
            _ => AllOf(condition, Negate(exclusion)),
        };
    }

    /// <summary>Holds when the attribute is that text. For attributes of type TEXT or CODE.</summary>
    public static Condition IsText(AttributeRef attribute, string text) =>
        new Condition.Compare(attribute, CompareOp.Equal, attribute.Type is FieldType.Code ? FieldValue.Code(text) : FieldValue.Text(text));

    /// <summary>
    /// The same condition in simplified form: lists flattened and without duplicates, constants folded, equalities with
    /// one attribute gathered to one <see cref="Condition.In"/>. Idempotent.
    /// </summary>
    public static Condition Simplify(Condition condition)
    {
        switch (condition)
        {
            case Condition.And and:
                return And([.. and.Terms.Select(Simplify)]);
            case Condition.Or or:
                return Or([.. or.Terms.Select(Simplify)]);
            case Condition.Not not:
                return Negate(Simplify(not.Term));
            case Condition.In list:
                return OneOf(list.Attribute, list.Literals);
            default:
                return condition;
        }
    }

    /// <summary>Numbers of the attributes the condition looks at.</summary>
    public static ImmutableSortedSet<int> AttributeNumbers(Condition condition)
    {
        var numbers = ImmutableSortedSet.CreateBuilder<int>();
        Visit(condition, node =>
        {
            if (AttributeOf(node) is { } attribute)
            {
                numbers.Add(attribute.Number);
            }
        });
        return numbers.ToImmutable();
    }

    /// <summary>The attributes the condition looks at, each once.</summary>
    public static ImmutableArray<AttributeRef> Attributes(Condition condition)
    {
        var attributes = new SortedDictionary<int, AttributeRef>();
        Visit(condition, node =>
        {
            if (AttributeOf(node) is { } attribute)
            {
                attributes[attribute.Number] = attribute;
            }
        });
        return [.. attributes.Values];
    }

    /// <summary>True when the condition has a text search in it.</summary>
    public static bool HasSearch(Condition condition)
    {
        var found = false;
        Visit(condition, node => found |= node is Condition.Search);
        return found;
    }

    /// <summary>
    /// True when every row for which the first holds is known to be one for which the second holds. Conservative: false
    /// means not known. Conditions are taken in simplified form.
    /// </summary>
    public static bool Implies(Condition first, Condition second)
    {
        if (first is Condition.False || second is Condition.True || first.Equals(second))
        {
            return true;
        }

        return (first, second) switch
        {
            (Condition.Or or, _) => or.Terms.All(term => Implies(term, second)),
            (_, Condition.And and) => and.Terms.All(term => Implies(first, term)),
            (Condition.Not a, Condition.Not b) when Implies(b.Term, a.Term) => true,
            (Condition.And and, _) when and.Terms.Any(term => Implies(term, second)) => true,
            (_, Condition.Or or) => or.Terms.Any(term => Implies(first, term)),
            _ => ImpliesByValue(first, second),
        };
    }

    /// <summary>True when no row can be found for which both hold. Conservative: false means not known.</summary>
    public static bool Excludes(Condition first, Condition second) => AllOf(first, second) is Condition.False;

    private static bool ImpliesByValue(Condition first, Condition second)
    {
        // `a IN (…)` decides every condition that looks at `a` alone: try its literals.
        if (Equalities(first) is not { } known || AttributeNumbers(second) is not [var only] || only != known.Attribute.Number || HasSearch(second))
        {
            return second is Condition.Present present && AttributeOf(first) is { } attribute && attribute.Number == present.Attribute.Number;
        }

        foreach (var literal in known.Literals)
        {
            if (!ConditionEvaluator.Holds(second, new OneValue(literal)))
            {
                return false;
            }
        }

        return true;
    }

    private static Condition And(ReadOnlySpan<Condition> terms)
    {
        var kept = new List<Condition>();
        var merged = false;
        foreach (var term in terms)
        {
            foreach (var part in term is Condition.And and ? and.Terms : [term])
            {
                if (part is Condition.False)
                {
                    return Condition.Never;
                }

                if (part is Condition.True || kept.Contains(part))
                {
                    continue;
                }

                if (kept.Contains(Negate(part)))
                {
                    return Condition.Never;
                }

                if (Equalities(part) is { } next && kept.FindIndex(other => Equalities(other)?.Attribute == next.Attribute) is var index and >= 0)
                {
                    var both = Equalities(kept[index])!.Literals.Where(literal => next.Literals.Contains(literal));
                    kept[index] = OneOf(next.Attribute, [.. both]);
                    merged = true;
                    if (kept[index] is Condition.False)
                    {
                        return Condition.Never;
                    }

                    continue;
                }

                kept.Add(part);
            }
        }

        return kept switch
        {
            [] => Condition.Always,
            [var only] => only,
            _ when merged => And([.. kept]), // what was gathered may now be or exclude another term
            _ => new Condition.And([.. kept]),
        };
    }

    private static Condition Or(ReadOnlySpan<Condition> terms)
    {
        var kept = new List<Condition>();
        var merged = false;
        foreach (var term in terms)
        {
            foreach (var part in term is Condition.Or or ? or.Terms : [term])
            {
                if (part is Condition.True)
                {
                    return Condition.Always;
                }

                if (part is Condition.False || kept.Contains(part))
                {
                    continue;
                }

                if (kept.Contains(Negate(part)))
                {
                    return Condition.Always;
                }

                if (Equalities(part) is { } next && kept.FindIndex(other => Equalities(other)?.Attribute == next.Attribute) is var index and >= 0)
                {
                    kept[index] = OneOf(next.Attribute, Equalities(kept[index])!.Literals.AddRange(next.Literals));
                    merged = true;
                    continue;
                }

                kept.Add(part);
            }
        }

        return kept switch
        {
            [] => Condition.Never,
            [var only] => only,
            _ when merged => Or([.. kept]), // what was gathered may now be or exclude another term
            _ => new Condition.Or([.. kept]),
        };
    }

    private static Condition OneOf(AttributeRef attribute, ImmutableArray<FieldValue> literals) => literals.Distinct().ToImmutableArray() switch
    {
        [] => Condition.Never,
        [var only] => new Condition.Compare(attribute, CompareOp.Equal, only),
        var several => new Condition.In(attribute, several),
    };

    private static Condition.In? Equalities(Condition condition) => condition switch
    {
        Condition.In list => list,
        Condition.Compare { Op: CompareOp.Equal } compare => new Condition.In(compare.Attribute, [compare.Literal]),
        _ => null,
    };

    private static AttributeRef? AttributeOf(Condition condition) => condition switch
    {
        Condition.Compare node => node.Attribute,
        Condition.In node => node.Attribute,
        Condition.Has node => node.Attribute,
        Condition.Search node => node.Attribute,
        Condition.Present node => node.Attribute,
        _ => null,
    };

    private static void Visit(Condition condition, Action<Condition> visit)
    {
        visit(condition);
        switch (condition)
        {
            case Condition.And and:
                foreach (var term in and.Terms)
                {
                    Visit(term, visit);
                }

                break;
            case Condition.Or or:
                foreach (var term in or.Terms)
                {
                    Visit(term, visit);
                }

                break;
            case Condition.Not not:
                Visit(not.Term, visit);
                break;
            default:
                break;
        }
    }

    private readonly struct OneValue(FieldValue value) : IRow
    {
        public FieldValue Get(int number) => value;
    }
}
