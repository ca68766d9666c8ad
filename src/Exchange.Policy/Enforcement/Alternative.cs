using Exchange.Policy.Matchers;
using static Exchange.Policy.Matchers.MatcherExpression;

namespace Exchange.Policy.Enforcement;

/// <summary>One way in which a matcher can hold: terms that all must. The matcher holds when one of its alternatives does.</summary>
internal sealed record Alternative(IReadOnlyList<MatcherExpression> Terms)
{
    private const int Most = 16;

    /// <summary>A matcher's alternatives: its `||` outside of everything but `&amp;&amp;` and `||`, multiplied out. A single one where there would be too many.</summary>
    public static IReadOnlyList<Alternative> Of(MatcherExpression matcher)
    {
        var all = Split(matcher);
        return all is null ? [new(Conjuncts(matcher).ToList())] : all;
    }

    private static List<Alternative>? Split(MatcherExpression expression)
    {
        switch (expression)
        {
            case Binary { Sign: "||" } or:
                return Split(or.Left) is { } first && Split(or.Right) is { } second && first.Count + second.Count <= Most ? [.. first, .. second] : null;
            case Binary { Sign: "&&" } and:
                return Split(and.Left) is { } left && Split(and.Right) is { } right && left.Count * right.Count <= Most
                    ? [.. left.SelectMany(_ => right, static (a, b) => new Alternative([.. a.Terms, .. b.Terms]))]
                    : null;
            default:
                return [new Alternative([expression])];
        }
    }

    private static IEnumerable<MatcherExpression> Conjuncts(MatcherExpression expression) =>
        expression is Binary { Sign: "&&" } and ? Conjuncts(and.Left).Concat(Conjuncts(and.Right)) : [expression];
}
