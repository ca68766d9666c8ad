using Exchange.Policy.Matchers;
using Exchange.Policy.Roles;

namespace Exchange.Policy.Enforcement;

/// <summary>
/// For each role step of an index the names that a request reaches, sorted; kept from one alternative of a matcher to the next.
/// They may stand in lists that are lent until <see cref="Return"/>.
/// </summary>
internal ref struct ReachedRoles
{
    /// <summary>How many steps there can be.</summary>
    public const int Most = 3;

    private Step first;
    private Step second;
    private Step third;

    public readonly ReadOnlySpan<int> this[int step] => step switch { 0 => first.Names, 1 => second.Names, _ => third.Names };

    /// <summary>True when the step was taken for this term already.</summary>
    public readonly bool Has(int step, MatcherExpression term) => ReferenceEquals(term, step switch { 0 => first.Term, 1 => second.Term, _ => third.Term });

    public void Set(int step, MatcherExpression term, ReadOnlySpan<int> names, List<int>? lent)
    {
        switch (step)
        {
            case 0:
                first.Take(term, names, lent);
                break;
            case 1:
                second.Take(term, names, lent);
                break;
            default:
                third.Take(term, names, lent);
                break;
        }
    }

    /// <summary>Gives back what was lent.</summary>
    public void Return()
    {
        first.Take(null, [], null);
        second.Take(null, [], null);
        third.Take(null, [], null);
    }

    private ref struct Step
    {
        private List<int>? lent;

        public MatcherExpression? Term { get; private set; }

        public ReadOnlySpan<int> Names { get; private set; }

        public void Take(MatcherExpression? term, ReadOnlySpan<int> names, List<int>? list)
        {
            if (lent is not null)
            {
                RoleDomain.Return(lent);
            }

            Term = term;
            Names = names;
            lent = list;
        }
    }
}
