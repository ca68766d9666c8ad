using System.Collections.Immutable;

namespace Exchange.Policy.Conditions;

/// <summary>Builds conditions in simplified form.</summary>
public static class ConditionForm
{
    // Terms of one list that are compared with each other to leave out what others say already.
    private const int MostCompared = 64;

    /// <summary>Holds when all of these simplified conditions do.</summary>
    public static Condition AllOf(params ReadOnlySpan<Condition> terms) => terms switch
    {
        [var only] => only,
        [var first, Condition.True] => first,
        [Condition.True, var second] => second,
        _ => Join(terms, isAnd: true),
    };

    /// <summary>Holds when one of these simplified conditions does.</summary>
    public static Condition AnyOf(params ReadOnlySpan<Condition> terms) => terms switch
    {
        [var only] => only,
        [var first, Condition.False] => first,
        [Condition.False, var second] => second,
        _ => Join(terms, isAnd: false),
    };

    /// <summary>Holds when the condition does not.</summary>
    public static Condition Negate(Condition condition) => condition switch
    {
        Condition.True => Condition.Never,
        Condition.False => Condition.Always,
        Condition.Not not => not.Term,
        _ => new Condition.Not(condition),
    };

    /// <summary>Holds when the attribute is that text. For attributes of type TEXT or CODE.</summary>
    public static Condition IsText(AttributeRef attribute, string text) =>
        new Condition.Compare(attribute, CompareOp.Equal, attribute.Type is FieldType.Code ? FieldValue.Code(text) : FieldValue.Text(text));

    /// <summary>
    /// The same condition in simplified form: lists flattened, constants folded, equalities with one attribute gathered to one
    /// <see cref="Condition.In"/>, terms left out that others say already. Idempotent.
    /// </summary>
    public static Condition Simplify(Condition condition) => condition switch
    {
        Condition.And and => Join([.. and.Terms.Select(Simplify)], isAnd: true),
        Condition.Or or => Join([.. or.Terms.Select(Simplify)], isAnd: false),
        Condition.Not not => Negate(Simplify(not.Term)),
        Condition.In list => new ValueSet(list.Attribute, list.Literals, IsNegated: false).ToCondition(),
        _ => condition,
    };

    /// <summary>Numbers of the attributes the condition looks at.</summary>
    public static ImmutableSortedSet<int> AttributeNumbers(Condition condition) =>
        [.. Attributes(condition).Select(attribute => attribute.Number)];

    /// <summary>The attributes the condition looks at, each once, in the order of their numbers.</summary>
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

    /// <summary>The attribute of a comparison; null for lists, negations and constants.</summary>
    internal static AttributeRef? AttributeOf(Condition condition) => condition switch
    {
        Condition.Compare node => node.Attribute,
        Condition.In node => node.Attribute,
        Condition.Has node => node.Attribute,
        Condition.Search node => node.Attribute,
        Condition.Present node => node.Attribute,
        _ => null,
    };

    // AND and OR are each other's mirror: `neutral` says nothing in the list, `decisive` decides it alone.
    private static Condition Join(ReadOnlySpan<Condition> terms, bool isAnd)
    {
        var (neutral, decisive) = isAnd ? (Condition.Always, Condition.Never) : (Condition.Never, Condition.Always);
        var kept = new List<Condition>();
        var changed = false;
        var parts = new List<Condition>();
        foreach (var term in terms)
        {
            parts.AddRange(PartsOf(term, isAnd));
        }

        foreach (var part in isAnd ? parts : WithListsOf(parts))
        {
            if (part.Equals(decisive) || kept.Contains(Negate(part)))
            {
                return decisive;
            }

            if (part.Equals(neutral) || kept.Contains(part))
            {
                continue;
            }

            changed |= Gather(kept, part, isAnd);
            if (kept.Contains(decisive))
            {
                return decisive;
            }
        }

        changed |= LeaveOut(kept, isAnd);
        return kept switch
        {
            [] => neutral,
            [var only] => only,
            _ when changed => Join([.. kept], isAnd), // what was gathered may now be or exclude another term
            _ when isAnd => new Condition.And([.. kept]),
            _ => new Condition.Or([.. kept]),
        };
    }

    private static ImmutableArray<Condition> PartsOf(Condition term, bool isAnd) => (term, isAnd) switch
    {
        (Condition.And and, true) => and.Terms,
        (Condition.Or or, false) => or.Terms,
        _ => [term],
    };

    // The equalities of an OR with one attribute as one list, where the first stood. One after the other, each would be compared with all before it.
    private static List<Condition> WithListsOf(List<Condition> parts)
    {
        var lists = new Dictionary<AttributeRef, (int At, List<FieldValue> Values)>();
        var kept = new List<Condition>();
        foreach (var part in parts)
        {
            if (ValueSet.Of(part) is not { IsNegated: false } set)
            {
                kept.Add(part);
            }
            else if (lists.TryGetValue(set.Attribute, out var list))
            {
                list.Values.AddRange(set.Values);
            }
            else
            {
                lists[set.Attribute] = (kept.Count, [.. set.Values]);
                kept.Add(part);
            }
        }

        foreach (var (attribute, (at, values)) in lists)
        {
            kept[at] = new ValueSet(attribute, [.. values], IsNegated: false).ToCondition();
        }

        return kept;
    }

    // Joins the term with one about the same attribute where both are sets of values; true when it did.
    private static bool Gather(List<Condition> kept, Condition part, bool isAnd)
    {
        if (ValueSet.Of(part) is { } next)
        {
            for (var index = 0; index < kept.Count; index++)
            {
                if (ValueSet.Of(kept[index]) is { } known && known.Attribute == next.Attribute)
                {
                    kept[index] = (isAnd ? known.And(next) : known.Or(next)).ToCondition();
                    return true;
                }
            }
        }

        kept.Add(part);
        return false;
    }

    // Leaves out what another term says already: in AND the weaker one, in OR the stronger one. True when there was one.
    private static bool LeaveOut(List<Condition> kept, bool isAnd)
    {
        if (kept.Count > MostCompared)
        {
            return false;
        }

        var before = kept.Count;
        for (var index = kept.Count - 1; index >= 0; index--)
        {
            var term = kept[index];
            if (kept.Exists(other => !ReferenceEquals(other, term) && (isAnd ? ConditionLogic.Implies(other, term) : ConditionLogic.Implies(term, other))))
            {
                kept.RemoveAt(index);
            }
        }

        return kept.Count < before;
    }

    private static void Visit(Condition condition, Action<Condition> visit)
    {
        visit(condition);
        var terms = condition switch
        {
            Condition.And and => and.Terms,
            Condition.Or or => or.Terms,
            Condition.Not not => [not.Term],
            _ => [],
        };
        foreach (var term in terms)
        {
            Visit(term, visit);
        }
    }
}
