using Exchange.Policy.Matchers;
using static Exchange.Policy.Matchers.MatcherExpression;

namespace Exchange.Policy.Enforcement;

/// <summary>One way in which a matcher can hold: terms that all must. The matcher holds when one of its alternatives does.</summary>
internal sealed record Alternative(IReadOnlyList<MatcherExpression> Terms)
{
    private const int Most = 16;

    /// <summary>A matcher's alternatives: its `||` outside of everything but `&amp;&amp;` and `||`, multiplied out. What would make too many stays a term.</summary>
    public static IReadOnlyList<Alternative> Of(MatcherExpression matcher)
    {
        switch (matcher)
        {
            case Binary { Sign: "||" } or:
                var (first, second) = (Of(or.Left), Of(or.Right));
                return first.Count + second.Count <= Most ? [.. first, .. second] : [new([or])];
            case Binary { Sign: "&&" } and:
                var (left, right) = (Of(and.Left), Of(and.Right));
                IReadOnlyList<Alternative> kept = left.Count * right.Count <= Most ? right : [new([.. Conjuncts(and.Right)])];
                return [.. left.SelectMany(_ => kept, static (a, b) => new Alternative([.. a.Terms, .. b.Terms]))];
            default:
                return [new([matcher])];
        }
    }

    private static IEnumerable<MatcherExpression> Conjuncts(MatcherExpression expression) =>
        expression is Binary { Sign: "&&" } and ? Conjuncts(and.Left).Concat(Conjuncts(and.Right)) : [expression];
}
