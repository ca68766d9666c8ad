using System.Collections.Immutable;

namespace Exchange.Policy.Conditions;

/// <summary>
/// A condition that an attribute is one of some values, or (negated) that it is none of them or missing. Sets of one
/// attribute join exactly.
/// </summary>
internal readonly record struct ValueSet(AttributeRef Attribute, ImmutableArray<FieldValue> Values, bool IsNegated)
{
    /// <summary>The set that a simplified condition states; null when it states none.</summary>
    public static ValueSet? Of(Condition condition) => condition switch
    {
        Condition.In list => new(list.Attribute, list.Literals, false),
        Condition.Compare { Op: CompareOp.Equal } compare => new(compare.Attribute, [compare.Literal], false),
        Condition.Not { Term: Condition.In or Condition.Compare { Op: CompareOp.Equal } } not => Of(not.Term)!.Value with { IsNegated = true },
        _ => null,
    };

    /// <summary>The condition: constant, one comparison or a list, maybe negated.</summary>
    public Condition ToCondition()
    {
        Condition isOne = Values.Distinct().ToImmutableArray() switch
        {
            [] => Condition.Never,
            [var only] => new Condition.Compare(Attribute, CompareOp.Equal, only),
            var several => new Condition.In(Attribute, several),
        };
        return IsNegated ? ConditionForm.Negate(isOne) : isOne;
    }

    /// <summary>Both hold.</summary>
    public ValueSet And(ValueSet other) => (IsNegated, other.IsNegated) switch
    {
        (false, false) => this with { Values = Common(Values, other.Values) },
        (true, true) => this with { Values = Values.AddRange(other.Values) },
        (false, true) => this with { Values = Without(Values, other.Values) },
        (true, false) => other with { Values = Without(other.Values, Values) },
    };

    /// <summary>One of them holds.</summary>
    public ValueSet Or(ValueSet other) => (IsNegated, other.IsNegated) switch
    {
        (false, false) => this with { Values = Values.AddRange(other.Values) },
        (true, true) => this with { Values = Common(Values, other.Values) },
        (false, true) => other with { Values = Without(other.Values, Values) },
        (true, false) => this with { Values = Without(Values, other.Values) },
    };

    private static ImmutableArray<FieldValue> Common(ImmutableArray<FieldValue> left, ImmutableArray<FieldValue> right) =>
        [.. left.Where(value => right.Contains(value))];

    private static ImmutableArray<FieldValue> Without(ImmutableArray<FieldValue> left, ImmutableArray<FieldValue> right) =>
        [.. left.Where(value => !right.Contains(value))];
}
